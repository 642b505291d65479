import type { Assignment } from '../events/device-journal.ts';
import { NoHistory } from '../forecasting/cleaning/history.ts';
import { readsDesiredState } from '../machines/device-update.ts';
import type {
  DeviceUpdateEffects,
  DeviceUpdateEffectType,
  DeviceUpdateStage,
} from '../machines/device-update-model.ts';
import { type Ack, buildUplink } from '../ota/messages.ts';
import type { Clock } from '../ports/clocks.ts';
import type { PendingEffect } from '../ports/device-store.ts';
import type { Download } from './download.ts';
import type { DownloadPermit } from './download-permit.ts';
import type { EffectAnswer, EffectHandler } from './effect-runner.ts';
import type { History } from './history.ts';
import { checksumOf } from './model-folder.ts';
import { createProbation, type ProbationOptions } from './probation.ts';
import { DownloadInterrupted, ModelRejected, messageOf } from './refusals.ts';
import { inspectSiteModel } from './site-model.ts';

export interface InstallOptions extends ProbationOptions {
  readonly deviceId: string;
  readonly download: Download;
  readonly permit: DownloadPermit;
  readonly history: History;
  /** Site clock. */
  readonly clock: Clock;
  /** Journals that files are about to be moved; again, it changes nothing. */
  readonly beginActivation: (assignment: number) => void;
  readonly onProgress: (target: Assignment, share: number) => void;
}

type Data<Type extends DeviceUpdateEffectType> = DeviceUpdateEffects[Type];
type Typed<Type extends DeviceUpdateEffectType> = {
  readonly isStale: (data: Data<Type>, stage: DeviceUpdateStage) => boolean;
  readonly isHeld?: (data: Data<Type>, isRunning: boolean) => boolean;
  readonly run: (data: Data<Type>, effect: PendingEffect, signal: AbortSignal) => Promise<EffectAnswer>;
};

const handler = <Type extends DeviceUpdateEffectType>({
  isStale,
  isHeld,
  run,
}: Typed<Type>): EffectHandler => ({
  isStale: ({ effect }, stage) => isStale(effect.data as Data<Type>, stage),
  isHeld: ({ effect }, isRunning) => isHeld?.(effect.data as Data<Type>, isRunning) ?? false,
  run: (pending, signal) => run(pending.effect.data as Data<Type>, pending, signal),
});

const notTrying = ({ target }: { readonly target: Assignment }, { context }: DeviceUpdateStage): boolean =>
  context.attempt?.assignment !== target.assignment;

const never = () => false;

/** Every effect of the device's update machine. Each may run again after a power cut, and finds its work done. */
export function createInstallHandlers(
  options: InstallOptions,
): Readonly<Record<DeviceUpdateEffectType, EffectHandler>> {
  const { systemId, deviceId, folder, clock } = options;
  const prove = createProbation(options);

  /** An answer that says no, or the error again when it may pass. */
  function rejection({ assignment }: Assignment, error: unknown): EffectAnswer {
    if (error instanceof ModelRejected)
      return { command: { type: 'reject', assignment, reason: error.message } };
    if (error instanceof NoHistory)
      return rejection({ assignment } as Assignment, new ModelRejected('no-history', error.message));
    throw error;
  }

  const isExpired = ({ expires }: Assignment): boolean => Date.parse(expires) <= clock.now().getTime();

  function refuseExpired(target: Assignment, cause: unknown): void {
    const { expires } = target;
    if (!isExpired(target)) return;
    throw new ModelRejected('expired', `the offer ended at ${expires}; last: ${messageOf(cause)}`);
  }

  async function fetched(target: Assignment, signal: AbortSignal): Promise<EffectAnswer> {
    try {
      const waitsFor = options.permit.waitsFor(target, false);
      if (waitsFor !== null) throw new DownloadInterrupted(`it waited for ${waitsFor}`);
      const bytes = await options.download(target, signal, (share) => options.onProgress(target, share));
      return { command: { type: 'record-download', assignment: target.assignment, bytes } };
    } catch (error) {
      if (error instanceof DownloadInterrupted) refuseExpired(target, error);
      throw error;
    }
  }

  async function incoming({ artifact }: Assignment): Promise<Uint8Array> {
    const bytes = await folder.readIncoming(artifact.checksum);
    if (bytes === null) throw new ModelRejected('lost-file', 'the downloaded file is gone');
    const found = checksumOf(bytes);
    if (found !== artifact.checksum)
      throw new ModelRejected('checksum', `the file has ${found}, ${artifact.checksum} was offered`);
    return bytes;
  }

  async function verified(target: Assignment): Promise<EffectAnswer> {
    const identity = { systemId, version: target.version };
    const { version: layoutVersion } = inspectSiteModel(await incoming(target), identity);
    try {
      await options.situation();
    } catch (error) {
      if (!(error instanceof NoHistory)) refuseExpired(target, error);
      throw error;
    }
    return { command: { type: 'record-verification', assignment: target.assignment, layoutVersion } };
  }

  function ackOf(data: Data<'send-answer'>, { eventId, at }: PendingEffect): Ack {
    const { reason, inferenceMs, ...settled } = data;
    return {
      messageId: eventId,
      deviceId,
      ...settled,
      ...(reason === null ? {} : { reason }),
      ...(inferenceMs === null ? {} : { inferenceMs }),
      at,
    };
  }

  return {
    'download-model': handler<'download-model'>({
      isStale: notTrying,
      // An offer that ended while it waited is answered.
      isHeld: ({ target }, isRunning) =>
        options.permit.waitsFor(target, isRunning) !== null && !isExpired(target),
      run: ({ target }, _, signal) => fetched(target, signal).catch((error) => rejection(target, error)),
    }),
    'verify-model': handler<'verify-model'>({
      isStale: notTrying,
      run: ({ target }) => verified(target).catch((error) => rejection(target, error)),
    }),
    'swap-model': handler<'swap-model'>({
      isStale: never,
      async run({ target, running }) {
        const { assignment, artifact } = target;
        options.beginActivation(assignment);
        if (await folder.swap(artifact, running?.artifact ?? null))
          return { command: { type: 'record-swap', assignment } };
        return rejection(target, new ModelRejected('lost-file', 'the downloaded file is gone or damaged'));
      },
    }),
    'prove-model': handler<'prove-model'>({
      isStale: never,
      run: ({ model }, { attempts }, signal) => prove(model, attempts, signal),
    }),
    'restore-previous': handler<'restore-previous'>({
      isStale: never,
      async run({ failed, previous }) {
        const restored = await folder.restore(previous?.artifact ?? null);
        return { command: { type: 'record-restoration', assignment: failed.assignment, restored } };
      },
    }),
    'remove-previous': handler<'remove-previous'>({
      // A new model is on its way into its place: the file is, or will be, that of what runs now.
      isStale: (_, stage) => stage.context.previous !== null || !readsDesiredState(stage),
      async run() {
        await folder.removePrevious();
        return {};
      },
    }),
    'send-answer': handler<'send-answer'>({
      isStale: never,
      run: async (data, pending) => {
        const ack = ackOf(data, pending);
        const payload = buildUplink('ack', ack);
        return {
          messages: [{ messageId: ack.messageId, kind: 'ack', assignment: ack.assignment, payload }],
        };
      },
    }),
    'end-watch': handler<'end-watch'>({
      // A model that is restored later asks for the end of its watch again.
      isStale: ({ assignment }, { context }) => context.running?.assignment !== assignment,
      run: async ({ assignment }) => ({ command: { type: 'end-watch', assignment } }),
    }),
  };
}
