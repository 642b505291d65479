import { Command } from 'commander';
import { describeFailure } from '../../main/failure.ts';
import { createScreen } from '../../main/terminal/screen.ts';
import type { NodeWishes } from '../../main/up.ts';
import type { Cli } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { withExamples } from '../options.ts';

/**
 * Commands that start parts of the service and stay up until Ctrl-C. What they run is loaded when it is asked for:
 * the other commands begin twice as quickly without servers and databases.
 */

export const SETTINGS = `
Settings from the environment: DATABASE_URL, MQTT_URL, NATS_URL (outside servers instead of the embedded ones),
LIFO4_DATA, LIFO4_HOST, LIFO4_PORT, LIFO4_MQTT_PORT, LIFO4_PUBLIC_URL, LIFO4_TOPIC_PREFIX, LIFO4_NODE, LIFO4_OFFER_HOURS,
LIFO4_LOG_LEVEL, NO_COLOR; the README lists them all.`;

/** A node that cannot start or go on: its settings, its folder or what it stands on is wrong. */
export async function untilStopped(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw new UsageError(describeFailure(error));
  }
}

/** `lifo4-ml cloud` */
export function cloudCommand(cli: Cli): Command {
  const screen = createScreen(cli.stdout, cli.env);
  const command = new Command('cloud')
    .summary('start a cloud node alone: storage, broker and API')
    .description('Starts storage, broker and API, without a site of its own. Stays up until Ctrl-C.')
    .option('--data <folder>', 'where everything is kept (default: ./data, or LIFO4_DATA)')
    .option('--port <number>', 'port of the API (default: 8420, or LIFO4_PORT)')
    .addHelpText('after', SETTINGS)
    .action((wishes: NodeWishes) =>
      untilStopped(async () => {
        const { runCloudNode } = await import('../../main/up.ts');
        await runCloudNode(wishes, { ...cli, screen });
      }),
    );
  return withExamples(command, [
    'DATABASE_URL=postgres://… MQTT_URL=mqtt://… lifo4-ml cloud --data /var/lib/lifo4-ml',
  ]);
}

/** `lifo4-ml worker` */
export function workerCommand(cli: Cli): Command {
  const screen = createScreen(cli.stdout, cli.env);
  const command = new Command('worker')
    .summary('train the jobs of a cloud, beside any number of other workers')
    .description(
      'Takes trainings from the cloud’s database (DATABASE_URL) and object store (S3_ENDPOINT) and does nothing else. What a killed worker had begun, another one takes over. Stays up until Ctrl-C.',
    )
    .option('--data <folder>', 'where its log and caches are kept (default: ./data, or LIFO4_DATA)')
    .addHelpText(
      'after',
      '\nLIFO4_TRAININGS (default 1): jobs at a time; LIFO4_MODELS_AT_ONCE (default: cores): models of a job at a time.',
    )
    .action((wishes: { readonly data?: string }) =>
      untilStopped(async () => {
        const { runWorkerNode } = await import('../../main/up.ts');
        await runWorkerNode(wishes, { ...cli, screen });
      }),
    );
  return withExamples(command, ['DATABASE_URL=postgres://… S3_ENDPOINT=https://… lifo4-ml worker']);
}

/** `lifo4-ml signer` */
export function signerCommand(cli: Cli): Command {
  const screen = createScreen(cli.stdout, cli.env);
  const command = new Command('signer')
    .summary('sign the models that devices may install, apart from the cloud nodes')
    .description(
      'Holds the targets key, signs what the log of the cloud’s database (DATABASE_URL) bears out, and listens to nobody. Stays up until Ctrl-C.',
    )
    .option('--data <folder>', 'where its log is kept (default: ./data, or LIFO4_DATA)')
    .addHelpText(
      'after',
      '\nLIFO4_SIGNER_KEYS: folder of its key (default: trust/signer in LIFO4_KEYS); LIFO4_KEY_PASSPHRASE: of the key.',
    )
    .action((wishes: { readonly data?: string }) =>
      untilStopped(async () => {
        const { runSignerNode } = await import('../../main/up.ts');
        await runSignerNode(wishes, { ...cli, screen });
      }),
    );
  return withExamples(command, ['DATABASE_URL=postgres://… LIFO4_SIGNER_KEYS=/run/keys lifo4-ml signer']);
}
