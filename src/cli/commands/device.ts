import { Command } from 'commander';
import { type ApiWishes, createApi } from '../api.ts';
import { type Cli, print, printJson } from '../cli.ts';
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

const part = encodeURIComponent;

interface NewDevice {
  readonly deviceId: string;
  readonly secret: string;
}

function addCommand(cli: Cli): Command {
  const command = new Command('add')
    .description(
      'Gives a site a new device and prints its secret, this once. The device that was there is revoked.',
    )
    .argument('<system>', 'id of the site')
    .action(async (systemId: string, wishes: Wishes) => {
      const added = await createApi(wishes, cli).call('POST', `/systems/${part(systemId)}/devices`);
      const { deviceId, secret } = added as NewDevice;
      if (wishes.json) printJson(cli.stdout, { systemId, deviceId, secret });
      else print(cli.stdout, [`deviceId ${deviceId}`, `secret   ${secret}`]);
    });
  return withExamples(withApi(command), ['lifo4-ml device add plant-7']);
}

function revokeCommand(cli: Cli): Command {
  const command = new Command('revoke')
    .description('Revokes a site’s device: its connection ends, and its credential never works again.')
    .argument('<system>', 'id of the site')
    .argument('<device>', 'id of its device')
    .option('--reason <text>', 'for the record', 'revoked by an operator')
    .action(async (systemId: string, deviceId: string, wishes: Wishes & { readonly reason: string }) => {
      const path = `/systems/${part(systemId)}/devices/${part(deviceId)}?reason=${part(wishes.reason)}`;
      await createApi(wishes, cli).call('DELETE', path);
      if (wishes.json) printJson(cli.stdout, { systemId, deviceId, status: 'revoked' });
      else print(cli.stdout, [`${deviceId} of ${systemId} is revoked`]);
    });
  return withExamples(withApi(command), ['lifo4-ml device revoke plant-7 dev-… --reason "stolen"']);
}

interface SiteRow {
  readonly systemId: string;
  readonly deviceId: string | null;
  readonly runningVersion: string | null;
  readonly attemptedStatus: string | null;
}

interface SitePage {
  readonly items: readonly SiteRow[];
  readonly nextCursor: string | null;
}

async function* sites(wishes: Wishes, cli: Cli): AsyncGenerator<SiteRow> {
  const api = createApi(wishes, cli);
  let cursor: string | null = null;
  do {
    const after: string = cursor === null ? '' : `&cursor=${part(cursor)}`;
    const page = (await api.call('GET', `/systems?status=registered&limit=200${after}`)) as SitePage;
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
