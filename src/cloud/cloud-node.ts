import type { Logger } from 'pino';
import { createEffectRunner, type EffectRunnerOptions } from '../actors/effect-runner.ts';
import type { CloudDependencies } from './dependencies.ts';
import { createEffectHandlers } from './effect-handlers.ts';
import { type FileKeeperOptions, keepFiles } from './files/file-keeper.ts';
import { keepHouse } from './housekeeping.ts';
import { type OperationsObserver, type OperationsSettings, startOperations } from './operations.ts';
import { republishOnConnect } from './republish.ts';
import { createUplinkIngest, type UplinkObserver } from './uplink/ingest.ts';

export interface CloudNodeOptions {
  readonly cloud: CloudDependencies;
  readonly uplinkObserver: UplinkObserver;
  readonly operations: OperationsSettings & { readonly observer: OperationsObserver };
  readonly files: Pick<FileKeeperOptions, 'dataSetsKeptMs' | 'observer'>;
  readonly runner: Pick<EffectRunnerOptions, 'concurrency' | 'worker' | 'observe' | 'observeWait' | 'random'>;
  readonly logger: Logger;
}

export interface CloudNode {
  /**
   * Does now, once, what is otherwise looked after every few seconds of the machine clock: scores, alerts,
   * configurations. For a site clock that leaps.
   */
  look(): Promise<void>;
  /** Ends the conversation with devices and gives back what runs. The ports stay open. */
  close(): Promise<void>;
}

/** Starts the cloud's actors: effects run, devices are heard, retained messages are kept true. */
export async function startCloudNode({
  cloud,
  uplinkObserver,
  operations,
  files,
  runner,
  logger,
}: CloudNodeOptions): Promise<CloudNode> {
  const stopRepublishing = republishOnConnect(cloud, logger);
  const stopListening = await cloud.link.onUplink(createUplinkIngest(cloud, uplinkObserver, logger));
  const { log, queue, clocks, artifacts, sharing, tracing } = cloud;
  const effects = createEffectRunner({
    ...runner,
    log,
    queue,
    clocks,
    tracing,
    handlers: createEffectHandlers(cloud),
    logger,
  });
  effects.start();
  const stopHousekeeping = keepHouse({ queue, artifacts, fitted: sharing?.fitted, logger });
  const operating = startOperations(cloud, operations, operations.observer, logger);
  const keeper = keepFiles({ cloud, ...files, logger });
  return {
    look: operating.now,
    async close() {
      await stopListening();
      await stopRepublishing();
      await effects.close();
      await operating.stop();
      await keeper.stop();
      await stopHousekeeping();
    },
  };
}
