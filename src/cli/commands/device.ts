import { open, unlink } from 'node:fs/promises';
import { Command } from 'commander';
import { answerOf, type NewDevice, type SiteRow } from '../../client/client.ts';
import { type ApiWishes, createApi } from '../api.ts';
import { type Cli, print, printJson } from '../cli.ts';
import { UsageError } from '../failure.ts';
import { jsonOption, withExamples } from '../options.ts';

/** Commands for the devices of sites, over the API of a running service. */

interface Wishes extends ApiWishes {
  readonly json?: true;
}

const withApi = (command: Command): Command =>
  command
    .option('--url <address>', 'the service (default: http://127.0.0.1:8420, or LIFO4_URL)')
    .option('--token <token>', 'a token with the scope admin (default: LIFO4_TOKEN)')
    .addOption(jsonOption());

interface AddWishes extends Wishes {
  readonly out?: string;
  readonly mqttUrl?: string;
  readonly dataFolder?: string;
}

/**
 * Writes what `make` gives to a new file that its user alone can read. The file is opened first: adding a device
 * revokes the one before, which must not happen for a file that cannot be written.
 */
async function intoNewFile<T>(
  path: string,
  make: () => Promise<{ readonly text: string; readonly of: T }>,
): Promise<T> {
  const file = await open(path, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    const problem =
      error.code === 'EEXIST' ? 'exists already: name another file' : `cannot be written (${error.code})`;
    throw new UsageError(`--out: ${path} ${problem}`, { cause: error });
  });
  try {
    const { text, of } = await make();
    await file.writeFile(text);
    await file.sync();
    return of;
  } catch (error) {
    await unlink(path);
    throw error;
  } finally {
    await file.close();
  }
}

/** The service knows its broker by an address that need not be the one that devices reach it by. */
const settingsFile = ({ settings }: NewDevice, { mqttUrl, dataFolder }: AddWishes): string => {
  const own = {
    ...(mqttUrl === undefined ? {} : { mqttUrl }),
    ...(dataFolder === undefined ? {} : { dataFolder }),
  };
  return `${JSON.stringify({ ...settings, ...own }, null, 2)}\n`;
};

async function add(systemId: string, wishes: AddWishes, cli: Cli): Promise<void> {
  const create = () =>
    answerOf(
      createApi(wishes, cli).POST('/api/v1/systems/{systemId}/devices', { params: { path: { systemId } } }),
    );
  const { out } = wishes;
  if (out === undefined) {
    const { deviceId, secret } = await create();
    if (wishes.json) printJson(cli.stdout, { systemId, deviceId, secret });
    else print(cli.stdout, [`deviceId ${deviceId}`, `secret   ${secret}`]);
    return;
  }
  const { deviceId } = await intoNewFile(out, async () => {
    const of = await create();
    return { text: settingsFile(of, wishes), of };
  });
  if (wishes.json) printJson(cli.stdout, { systemId, deviceId, settings: out });
  else print(cli.stdout, [`deviceId ${deviceId}`, `settings ${out}`]);
}

function addCommand(cli: Cli): Command {
  const command = new Command('add')
    .description(
      'Gives a site a new device and prints its secret, this once, or writes all its settings. The device that was there is revoked.',
    )
    .argument('<system>', 'id of the site')
    .option('--out <file>', 'write the whole settings file of the device, for its user alone to read')
    .option('--mqtt-url <address>', 'where the device reaches the broker (default: as the service does)')
    .option('--data-folder <folder>', 'where the device keeps its models and memory (default: /data)')
    .action((systemId: string, wishes: AddWishes) => add(systemId, wishes, cli));
  return withExamples(withApi(command), [
    'lifo4-ml device add plant-7',
    'lifo4-ml device add plant-7 --out device.json --mqtt-url mqtts://broker.example.com:8883',
  ]);
}

function revokeCommand(cli: Cli): Command {
  const command = new Command('revoke')
    .description('Revokes a site’s device: its connection ends, and its credential never works again.')
    .argument('<system>', 'id of the site')
    .argument('<device>', 'id of its device')
    .option('--reason <text>', 'for the record', 'revoked by an operator')
    .action(async (systemId: string, deviceId: string, wishes: Wishes & { readonly reason: string }) => {
      const params = { path: { systemId, deviceId }, query: { reason: wishes.reason } };
      await answerOf(
        createApi(wishes, cli).DELETE('/api/v1/systems/{systemId}/devices/{deviceId}', { params }),
      );
      if (wishes.json) printJson(cli.stdout, { systemId, deviceId, status: 'revoked' });
      else print(cli.stdout, [`${deviceId} of ${systemId} is revoked`]);
    });
  return withExamples(withApi(command), ['lifo4-ml device revoke plant-7 dev-… --reason "stolen"']);
}

async function* sites(wishes: Wishes, cli: Cli): AsyncGenerator<SiteRow> {
  const api = createApi(wishes, cli);
  let cursor: string | null = null;
  do {
    const after: { cursor?: string } = cursor === null ? {} : { cursor };
    const query = { status: 'registered', limit: 200, ...after } as const;
    const page = await answerOf(api.GET('/api/v1/systems', { params: { query } }));
    yield* page.items;
    cursor = page.nextCursor;
  } while (cursor !== null);
}

function row({ systemId, deviceId, runningVersion, attemptedStatus }: SiteRow): string {
  const cells = [systemId.padEnd(24), (deviceId ?? '–').padEnd(40), (runningVersion ?? '–').padEnd(10)];
  return [...cells, attemptedStatus ?? '–'].join('  ');
}

function listCommand(cli: Cli): Command {
  const command = new Command('list')
    .description(
      'Lists the active devices of your sites, with the version that each runs and its last answer.',
    )
    .action(async (wishes: Wishes) => {
      const found: SiteRow[] = [];
      for await (const site of sites(wishes, cli)) if (site.deviceId !== null) found.push(site);
      if (wishes.json) printJson(cli.stdout, found);
      else print(cli.stdout, found.map(row));
    });
  return withExamples(withApi(command), ['lifo4-ml device list --json']);
}

/** `lifo4-ml device add|revoke|list` */
export function deviceCommand(cli: Cli): Command {
  return new Command('device')
    .summary('add, revoke and list the devices of sites')
    .description('Adds, revokes and lists the devices of sites, over the API of a running service.')
    .addCommand(addCommand(cli))
    .addCommand(revokeCommand(cli))
    .addCommand(listCommand(cli));
}
