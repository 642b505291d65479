import type {
  DeviceUpdateContext,
  DeviceUpdateEffects,
  DeviceUpdateEffectType,
} from './device-update-model.ts';
import type { EffectRule } from './table.ts';

/** What a device's update machine asks for, and with what. */

type Rule = EffectRule<DeviceUpdateContext, unknown>;

function rule<Type extends DeviceUpdateEffectType>(
  type: Type,
  lane: Rule['lane'],
  data: (context: DeviceUpdateContext) => DeviceUpdateEffects[Type] | null,
): Rule {
  const request: Rule['request'] = (context) => {
    const requested = data(context);
    return requested === null ? null : { data: requested };
  };
  return { type, lane, request };
}

const ofAttempt = ({ attempt }: DeviceUpdateContext) => attempt && { target: attempt };

export const downloadModel = rule('download-model', 'slow', ofAttempt);
export const verifyModel = rule('verify-model', 'quick', ofAttempt);
export const swapModel = rule(
  'swap-model',
  'quick',
  ({ attempt, running }) => attempt && { target: attempt, running },
);
export const proveModel = rule('prove-model', 'quick', ({ running }) => running && { model: running });
export const restorePrevious = rule(
  'restore-previous',
  'quick',
  ({ failure, previous }) => failure && { failed: failure.model, previous },
);
export const sendAnswer = rule(
  'send-answer',
  'quick',
  ({ outcome, running }) => outcome && { ...outcome, runningVersion: running?.version ?? null },
);
export const removePrevious = rule('remove-previous', 'quick', () => ({}));
/** A model that is restored in the middle of its watch goes on with it. */
export const endWatch: Rule = {
  type: 'end-watch',
  lane: 'quick',
  request: ({ running }) =>
    running === null || running.watchUntil === null
      ? null
      : { data: { assignment: running.assignment }, due: { clock: 'site', at: running.watchUntil } },
};
