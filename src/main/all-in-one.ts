import { access, constants, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import pino from 'pino';
import { startCloud } from './cloud.ts';
import { type Config, existingFile, readConfig } from './config.ts';
import { describeFailure } from './failure.ts';
import { runQuickStart } from './quick-start/run.ts';
import { BadSetting } from './settings/read.ts';
import { createScreen } from './terminal/screen.ts';

/** `npm start`: everything in one command on embedded defaults. */

interface Options {
  readonly csv?: string;
  readonly system?: string;
  readonly zone?: string;
  readonly data?: string;
  readonly port?: string;
}

const program = new Command('npm start --')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .description(
    'Starts storage, broker, API and one device; makes a site, trains its models, deploys the best and shows the forecast. Stays up until Ctrl-C; a second start resumes.',
  )
  .option(
    '--csv <file>',
    'hourly load, columns timestamp_utc,load_kw[,temperature_c]; its end becomes now (default: a simulated plant)',
  )
  .option('--system <id>', 'id of the site (default: bess-456)')
  .option(
    '--zone <iana>',
    'time zone of the site (default: from zones.csv beside the file, else America/Sao_Paulo)',
  )
  .option('--data <folder>', 'where everything is kept (default: ./data, or LIFO4_DATA)')
  .option('--port <number>', 'port of the API on 127.0.0.1 (default: 8420, or LIFO4_PORT)')
  .addHelpText(
    'after',
    `
Settings from the environment: DATABASE_URL, MQTT_URL, NATS_URL (outside servers instead of the embedded ones),
LIFO4_DATA, LIFO4_HOST, LIFO4_PORT, LIFO4_MQTT_PORT, LIFO4_PUBLIC_URL, LIFO4_TOPIC_PREFIX, LIFO4_NODE, LIFO4_OFFER_HOURS,
LIFO4_LOG_LEVEL, NO_COLOR.`,
  );

function configOf({ data, port }: Options): Config {
  const wishes = {
    ...(data === undefined ? {} : { LIFO4_DATA: data }),
    ...(port === undefined ? {} : { LIFO4_PORT: port }),
  };
  return readConfig({ ...process.env, ...wishes });
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    throw new BadSetting('--data', `this folder cannot be made or written: ${String(error)}`);
  }
}

async function main(): Promise<void> {
  const options: Options = program.parse().opts();
  const screen = createScreen(process.stdout, process.env);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  try {
    const config = configOf(options);
    await makeFolder(config.dataDir);
    const logFile = join(config.dataDir, 'lifo4-ml.log');
    const logger = pino({ level: config.logLevel }, pino.destination({ dest: logFile, sync: false }));
    const { system, csv, zone } = options;
    const wishes = {
      ...(system === undefined ? {} : { systemId: system }),
      ...(csv === undefined ? {} : { csv: existingFile('--csv', resolve(csv)) }),
      ...(zone === undefined ? {} : { zone }),
    };
    await runQuickStart({ config, wishes, screen, logger, logFile, signal: stop.signal, startCloud });
  } catch (error) {
    screen.problem(describeFailure(error));
    process.exitCode = 2;
  }
}

await main();
