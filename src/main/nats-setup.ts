import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseAddress } from '../adapters/nats/login.ts';
import { natsServerConfig, type ServerTls } from '../adapters/nats/server-config.ts';
import { BadSetting } from './settings/read.ts';

/** Makes the files that a NATS server and the cloud that uses it begin with. */

export interface NatsSetup {
  readonly folder: string;
  readonly serverName: string;
  /** `host:port` each. */
  readonly listen: string;
  readonly mqttListen: string;
  readonly monitorListen?: string | undefined;
  /** Under which the cloud reaches the server; the host it listens on when left out. */
  readonly host?: string | undefined;
  readonly storeFolder?: string | undefined;
  readonly tls?: ServerTls | undefined;
  /** Takes another password than the one that the folder holds. */
  readonly renew: boolean;
}

export interface NatsFiles {
  /** For `nats-server -c`. */
  readonly config: string;
  /** NATS_URL and MQTT_URL for the cloud. */
  readonly environment: string;
  /** Of the running server, for `nats-server --signal reload=`. */
  readonly pidFile: string;
  readonly isRenewed: boolean;
}

const USER = 'cloud';
const PASSWORD_BYTES = 24;

async function knownPassword(environment: string): Promise<string | null> {
  const text = await readFile(environment, 'utf8').catch(() => '');
  const url = /^NATS_URL=(.+)$/m.exec(text)?.[1];
  const password = url === undefined ? '' : parseAddress(url).login.password;
  return password === '' ? null : password;
}

function split(setting: string, listen: string): { readonly host: string; readonly port: string } {
  const [, host, port] = /^(.+):(\d{1,5})$/.exec(listen) ?? [];
  if (host === undefined || port === undefined || Number(port) > 65_535)
    throw new BadSetting(setting, `write host:port, for example 0.0.0.0:4222, not ${JSON.stringify(listen)}`);
  return { host, port };
}

/** Replaced as a whole: a server that reloads never reads half of it. */
async function writePrivately(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, path);
}

/**
 * Writes `nats-server.conf` and `nats.env`, readable by their owner alone. Made again, the files keep their password
 * unless `renew` is set. Throws {@link BadSetting}.
 */
export async function setUpNats(setup: NatsSetup): Promise<NatsFiles> {
  const { serverName, listen, mqttListen, monitorListen, tls } = setup;
  const folder = resolve(setup.folder);
  const [config, environment] = [join(folder, 'nats-server.conf'), join(folder, 'nats.env')];
  const known = setup.renew ? null : await knownPassword(environment);
  const password = known ?? randomBytes(PASSWORD_BYTES).toString('hex');
  const [own, mqtt] = [split('--listen', listen), split('--mqtt-listen', mqttListen)];
  const [scheme, mqttScheme] = tls === undefined ? ['nats', 'mqtt'] : ['tls', 'mqtts'];
  const storeFolder = setup.storeFolder ?? join(folder, 'store');
  const login = { user: USER, password };
  const pidFile = join(folder, 'nats-server.pid');
  const settings = { serverName, listen, mqttListen, monitorListen, storeFolder, pidFile, login, tls };
  await mkdir(folder, { recursive: true });
  await writePrivately(config, natsServerConfig(settings));
  const addresses = [
    `NATS_URL=${scheme}://${USER}:${password}@${setup.host ?? own.host}:${own.port}`,
    `MQTT_URL=${mqttScheme}://${setup.host ?? mqtt.host}:${mqtt.port}`,
  ];
  await writePrivately(environment, `${addresses.join('\n')}\n`);
  return { config, environment, pidFile, isRenewed: known === null };
}
