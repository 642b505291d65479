import type { Assignment } from '../events/device-journal.ts';
import { NoHistory } from '../forecasting/cleaning/history.ts';
import type {
  DeviceUpdateEffects,
  DeviceUpdateEffectType,
  DeviceUpdateStage,
} from '../machines/device-update-model.ts';
import { type Ack, buildUplink } from '../ota/messages.ts';
import type { Clock } from '../ports/clocks.ts';
import type { PendingEffect } from '../ports/device-store.ts';
import type { Download } from './download.ts';
import type { EffectAnswer, EffectHandler } from './effect-runner.ts';
import type { History } from './history.ts';
import { checksumOf, type ModelFolder } from './model-folder.ts';
import { proveModel } from './proof.ts';
import { DownloadInterrupted, ModelRejected, messageOf } from './refusals.ts';
import { inspectSiteModel, type OpenSiteModel, type SiteModel, type Situation } from './site-model.ts';

export interface InstallOptions {
  readonly systemId: string;
  readonly deviceId: string;
  readonly folder: ModelFolder;
  readonly download: Download;
  readonly openModel: OpenSiteModel;
  readonly history: History;
  /** What a forecast of this hour would be made from. Rejects with `NoHistory`, or when that cannot be told now. */
  readonly situation: () => Promise<Situation>;
  /** Site clock. */
  readonly clock: Clock;
  readonly watchUntil: () => string;
  readonly onProgress: (target: Assignment, share: number) => void;
}

/** A proof that was begun so often without an end took the process down with it. */
const MOST_PROOFS = 3;

type Data<Type extends DeviceUpdateEffectType> = DeviceUpdateEffects[Type];
type Typed<Type extends DeviceUpdateEffectType> = {
  readonly isStale: (data: Data<Type>, stage: DeviceUpdateStage) => boolean;
  readonly run: (data: Data<Type>, effect: PendingEffect, signal: AbortSignal) => Promise<EffectAnswer>;
};

const handler = <Type extends DeviceUpdateEffectType>({ isStale, run }: Typed<Type>): EffectHandler => ({
  isStale: ({ effect }, stage) => isStale(effect.data as Data<Type>, stage),
  run: (pending, signal) => run(pending.effect.data as Data<Type>, pending, signal),
});

const notTrying = ({ target }: { readonly target: Assignment }, { context }: DeviceUpdateStage): boolean =>
  context.attempt?.assignment !== target.assignment;

const never = () => false;

/** Every effect of the device's update machine. Each may run again after a power cut, and finds its work done. */
export function createInstallHandlers(
  options: InstallOptions,
): Readonly<Record<DeviceUpdateEffectType, EffectHandler>> {
  const { systemId, deviceId, folder, openModel, clock, watchUntil } = options;

  /** An answer that says no, or the error again when it may pass. */
  function rejection({ assignment }: Assignment, error: unknown): EffectAnswer {
    if (error instanceof ModelRejected)
      return { command: { type: 'reject', assignment, reason: error.message } };
    if (error instanceof NoHistory)
      return rejection({ assignment } as Assignment, new ModelRejected('no-history', error.message));
    throw error;
  }

  function refuseExpired({ expires }: Assignment, cause: unknown): void {
    if (Date.parse(expires) > clock.now().getTime()) return;
    throw new ModelRejected('expired', `the offer ended at ${expires}; last: ${messageOf(cause)}`);
  }

  async function fetched(target: Assignment, signal: AbortSignal): Promise<EffectAnswer> {
    try {
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

  async function proven(model: SiteModel, assignment: number): Promise<EffectAnswer> {
    try {
      const inferenceMs = await proveModel(model, await options.situation());
      return { command: { type: 'record-proof', assignment, inferenceMs, watchUntil: watchUntil() } };
    } finally {
      await model.close();
    }
  }

  async function prove({ model }: Data<'prove-model'>, attempts: number): Promise<EffectAnswer> {
    const { assignment, artifact, version } = model;
    if (attempts > MOST_PROOFS) return failure(assignment, 'the model took the process down in its proof');
    try {
      const bytes = await folder.readModel(artifact.checksum);
      if (bytes === null) return failure(assignment, 'the file is lost or damaged');
      return await proven(await openModel(bytes, { systemId, version }), assignment);
    } catch (error) {
      return failure(assignment, messageOf(error));
    }
  }

  const failure = (assignment: number, reason: string): EffectAnswer => ({
    command: { type: 'fail', assignment, reason: reason.slice(0, 500) },
  });

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
        if (await folder.swap(artifact, running?.artifact ?? null))
          return { command: { type: 'record-swap', assignment } };
        return rejection(target, new ModelRejected('lost-file', 'the downloaded file is gone or damaged'));
      },
    }),
    'prove-model': handler<'prove-model'>({
      isStale: never,
      run: (data, { attempts }) => prove(data, attempts),
    }),
    'restore-previous': handler<'restore-previous'>({
      isStale: never,
      async run({ failed, previous }) {
        const restored = await folder.restore(previous?.artifact ?? null);
        return { command: { type: 'record-restoration', assignment: failed.assignment, restored } };
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
