import type {
  DeviceUpdateContext,
  DeviceUpdateStage,
  InstalledModel,
} from '../machines/device-update-model.ts';
import type { DeviceReport, Progress } from '../ota/messages.ts';

/** The last desired state that was not acted upon, and why. */
export interface NotedRefusal {
  readonly refusal: string;
  readonly reason: string;
}

const runningOf = ({ version, modelType, deploymentId, assignment, artifact }: InstalledModel) => ({
  version,
  modelType,
  deploymentId,
  assignment,
  checksum: artifact.checksum,
});

function attemptedOf(
  { attempt, failure, outcome }: DeviceUpdateContext,
  waitsFor: string | null,
): DeviceReport['attempted'] {
  const trying = attempt ?? failure?.model ?? null;
  if (trying !== null) {
    const { deploymentId, assignment, version } = trying;
    return {
      deploymentId,
      assignment,
      version,
      status: 'trying',
      ...(waitsFor === null ? {} : { waitsFor }),
    };
  }
  if (outcome === null) return null;
  const { deploymentId, assignment, version, status, reason } = outcome;
  return { deploymentId, assignment, version, status, ...(reason === null ? {} : { reason }) };
}

/** What runs, what was attempted, and why they differ. */
export function describeDevice(
  { state, context }: DeviceUpdateStage,
  about: Pick<
    DeviceReport,
    'messageId' | 'deviceId' | 'installationId' | 'historyHours' | 'dropped' | 'data' | 'at'
  >,
  refused: NotedRefusal | null,
  waitsFor: string | null,
): DeviceReport {
  return {
    ...about,
    state,
    running: context.running && runningOf(context.running),
    attempted: attemptedOf(context, waitsFor),
    refused: refused && { refusal: refused.refusal, reason: refused.reason.slice(0, 500) },
    floor: context.floor,
  };
}

/** The phase for people, or null when nothing is under way. */
export function phaseOf({
  state,
  context,
}: DeviceUpdateStage): Pick<Progress, 'phase' | 'deploymentId' | 'version'> | null {
  const subject = context.attempt ?? context.failure?.model ?? null;
  if (subject === null) return null;
  const { deploymentId, version } = subject;
  switch (state) {
    case 'downloading':
    case 'verifying':
    case 'staged':
    case 'activating':
    case 'probation':
    case 'rollingBack':
      return { phase: state, deploymentId, version };
    case 'idle':
    case 'watching':
    case 'active':
    case 'rolledback':
    case 'rejected':
      return null;
  }
}
