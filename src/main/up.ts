import { once } from 'node:events';
import { access, constants } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pino, { type Logger } from 'pino';
import { startCloud } from './cloud.ts';
import { type Config, existingFile, readConfig, secretsOf } from './config.ts';
import { createLogger } from './logging.ts';
import { makeFolders } from './make-folders.ts';
import { runQuickStart } from './quick-start/run.ts';
import type { ReplayOutcome } from './replay/outcome.ts';
import type { ReplayWishes } from './replay/plan.ts';
import { runReplay } from './replay/run.ts';
import { BadSetting } from './settings/read.ts';
import { requireDatabase, startSigner } from './signer.ts';
import type { Screen } from './terminal/screen.ts';
import { startWorker } from './worker.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where a node keeps everything, and where it listens; both go before the environment. */
export interface NodeWishes {
  readonly data?: string;
  readonly port?: string;
}

/** What a person asks for at the first start. */
export interface UpWishes extends NodeWishes {
  readonly csv?: string;
  readonly system?: string;
  readonly zone?: string;
}

interface Prepared {
  readonly config: Config;
  readonly logger: Logger;
  /** Where the log goes, for people. */
  readonly logFile: string;
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder);
    await access(folder, constants.W_OK);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BadSetting(
      'LIFO4_DATA or --data',
      `the folder ${folder} cannot be made or written (${reason}); name another one, or give it to this user`,
    );
  }
}

/** Reads the settings and opens the log. @throws {BadSetting} */
async function prepare({ data, port }: NodeWishes, env: Environment): Promise<Prepared> {
  const wishes = {
    ...(data === undefined ? {} : { LIFO4_DATA: data }),
    ...(port === undefined ? {} : { LIFO4_PORT: port }),
  };
  const config = readConfig({ ...env, ...wishes });
  await makeFolder(config.dataDir);
  const isFile = config.logTo === 'file';
  const logFile = isFile ? join(config.dataDir, 'lifo4-ml.log') : 'standard output';
  const dest = isFile ? logFile : process.stdout.fd;
  const options = { level: config.logLevel, secrets: secretsOf(config) };
  const logger = createLogger(options, pino.destination({ dest, sync: false }));
  return { config, logger, logFile };
}

interface Around {
  readonly env: Environment;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

/** Everything in one process: storage, broker, API, a site, its device; until the signal aborts. */
export async function runAllInOne(wishes: UpWishes, { env, screen, signal }: Around): Promise<void> {
  const prepared = await prepare(wishes, env);
  await runQuickStart({ ...prepared, wishes: worldOf(wishes), screen, signal, startCloud });
}

/** A replay, and what becomes of its outcome. */
export interface ReplayNodeWishes extends UpWishes {
  readonly replay: ReplayWishes;
  readonly speed: number;
  readonly stay: boolean;
  /** Trainings repeated from the log at the end. */
  readonly verify: number;
}

const worldOf = ({ system, csv, zone }: UpWishes) => ({
  ...(system === undefined ? {} : { systemId: system }),
  ...(csv === undefined ? {} : { csv: existingFile('--csv', resolve(csv)) }),
  ...(zone === undefined ? {} : { zone }),
});

/** A replay on a clock of its own; `write` puts its report somewhere and answers where. */
export async function runReplayNode(
  wishes: ReplayNodeWishes,
  { env, screen, signal }: Around,
  write: (outcome: ReplayOutcome, dataDir: string) => Promise<string>,
): Promise<ReplayOutcome> {
  const prepared = await prepare(wishes, env);
  const { speed, stay, verify, replay } = wishes;
  const report = (outcome: ReplayOutcome) => write(outcome, prepared.config.dataDir);
  const about = { speed, stay, verify, screen, signal, report };
  return runReplay({ ...prepared, ...about, wishes: { ...worldOf(wishes), replay } });
}

/** Waits for the signal; throws when a part of the node has ended by itself before. */
async function untilAborted(signal: AbortSignal, failed: Promise<Error>): Promise<void> {
  const failure = signal.aborted
    ? null
    : await Promise.race([failed, once(signal, 'abort').then(() => null)]);
  if (failure !== null) throw failure;
}

/** Trains the jobs of a cloud, and nothing else; until the signal aborts. */
export async function runWorkerNode(
  wishes: Pick<NodeWishes, 'data'>,
  { env, screen, signal }: Around,
): Promise<void> {
  const { config, logger, logFile } = await prepare(wishes, env);
  const worker = await startWorker(config, logger);
  try {
    screen.done(`the worker takes jobs, ${Math.max(config.trainings, 1)} at a time; log: ${logFile}`);
    await untilAborted(signal, worker.failed);
  } finally {
    screen.line('  closing …');
    await worker.close();
  }
}

/** Signs what devices may install, and nothing else; until the signal aborts. */
export async function runSignerNode(
  wishes: Pick<NodeWishes, 'data'>,
  { env, screen, signal }: Around,
): Promise<void> {
  const { config, logger, logFile } = await prepare(wishes, env);
  const { trust } = config;
  const signer = startSigner({ database: requireDatabase(config.database), trust, logger });
  try {
    screen.done(`the signer signs with the keys in ${trust.signerFolder}; log: ${logFile}`);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    screen.line('  closing …');
    await signer.close();
  }
}

/** A cloud node alone: storage, broker and API, without a site of its own; until the signal aborts. */
export async function runCloudNode(wishes: NodeWishes, { env, screen, signal }: Around): Promise<void> {
  const { config, logger, logFile } = await prepare(wishes, env);
  const cloud = await startCloud(config, logger);
  try {
    screen.done(`the API is up at ${cloud.url}/docs, devices reach ${cloud.mqttUrl}; log: ${logFile}`);
    await untilAborted(signal, cloud.failed);
  } finally {
    screen.line('  closing …');
    await cloud.close();
  }
}
