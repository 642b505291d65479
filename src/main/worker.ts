import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { createStreamActors } from '../actors/stream-actor.ts';
import { traceAppends } from '../actors/traced-log.ts';
import { createOutlook } from '../cloud/outlook.ts';
import { startTrainingNode } from '../cloud/training-node.ts';
import { LAYOUT_VERSION } from '../forecasting/features/layout.ts';
import { systemClocks } from '../ports/clocks.ts';
import { openArtifacts } from './artifacts.ts';
import { createClosing } from './closing.ts';
import { openEvaluator, openSharing, openTrainer } from './cloud-ports.ts';
import type { Config } from './config.ts';
import { BadSetting } from './settings/read.ts';
import { openDatabase } from './storage.ts';
import { openTelemetry } from './telemetry.ts';
import { openTracing } from './tracing.ts';

/** A running worker. */
export interface Worker {
  /** Resolves when a part that the worker cannot live without has ended by itself. */
  readonly failed: Promise<Error>;
  /** Gives back what it trains, for others to begin anew. */
  close(): Promise<void>;
}

/** Without these two the worker would train for nobody. */
function requireShared({ database, objectStore }: Config, logger: Logger): void {
  if (database.url === null)
    throw new BadSetting('DATABASE_URL', 'a worker takes its jobs from the cloud’s database: name that one');
  if (objectStore === null)
    logger.warn('data sets are read from the data folder: it must be the cloud’s own, or set S3_ENDPOINT');
}

/** Starts a node that trains the jobs of a cloud, beside any number of others. Throws `BadSetting`. */
export async function startWorker(config: Config, logger: Logger): Promise<Worker> {
  requireShared(config, logger);
  const closing = createClosing(logger);
  const { promise: failed, resolve: onFailure } = Promise.withResolvers<Error>();
  try {
    const worker = `worker-${hostname()}-${process.pid}`;
    const { tracing } = await openTracing(config, worker, logger, closing);
    const clocks = systemClocks(config.clockOffsetMs);
    const artifacts = await openArtifacts(config, clocks.machine, logger, closing);
    const postgres = await openDatabase(config, logger, closing, onFailure);
    const { effects: queue, fitted } = postgres;
    const log = traceAppends(postgres.log, tracing);
    const { telemetry, prices } = await openTelemetry(config, postgres, clocks.machine, logger);
    const actors = createStreamActors({ log, clocks, newId: randomUUID });
    const { submarket } = config.prices;
    const part = logger.child({ part: 'worker' });
    const stop = startTrainingNode({
      cloud: {
        ...{ log, queue, clocks, tracing, logger: part },
        ...{ actors, telemetry },
        outlook: createOutlook({
          actors,
          prices,
          submarket,
          temperatureForecasts: postgres.temperatureForecasts,
        }),
        evaluator: openEvaluator({ logger, closing }),
        artifacts: artifacts.store,
        trainer: openTrainer({ config, logger, closing }),
        sharing: openSharing({ config, logger, closing }, fitted),
        layoutVersion: LAYOUT_VERSION,
      },
      runner: {
        ...{ worker, random: Math.random },
        observe: (_type, outcome, seconds, own) => own.info({ outcome, seconds }, 'effect done'),
      },
      trainings: Math.max(config.trainings, 1),
    });
    closing.add('worker', stop);
    return { failed, close: closing.closeAll };
  } catch (error) {
    await closing.closeAll();
    throw error;
  }
}
