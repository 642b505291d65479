import type { Logger } from 'pino';
import Type from 'typebox';
import { IllegalCommand } from '../../machines/lifecycle.ts';
import { conform, decodeObject } from '../../ota/wire.ts';
import type { Device } from '../device.ts';
import { InstallRefused, MOST_INSTALL_BYTES } from '../install-carried.ts';
import { NothingToTakeBack } from '../take-back.ts';
import { LocalProblem } from './problem.ts';
import { readLocalReadings } from './readings-body.ts';
import { type LocalRoute, type LocalServer, startLocalServer } from './server.ts';

export interface LocalApiOptions {
  readonly device: Device;
  readonly host: string;
  readonly port: number;
  readonly token: string | null;
  readonly operatorToken: string;
  readonly logger: Logger;
}

/** Newest facts that are shown: an update makes about seven. */
const MOST_FACTS = 500;

const Rollback = Type.Object({ reason: Type.String({ maxLength: 300 }) });

/** A month: what goes on longer is a wrong bound in the settings. */
const AllowData = Type.Object({ hours: Type.Integer({ minimum: 1, maximum: 744 }) });

function allowData(device: Device, body: Uint8Array): object {
  device.allowData(conform('allow-data', AllowData, decodeObject('allow-data', body)).hours);
  return { data: device.status().data };
}

const readRollback = (body: Uint8Array) => conform('rollback', Rollback, decodeObject('rollback', body));

function latestForecast(device: Device): object {
  const { forecast } = device.status();
  if (forecast !== null) return forecast;
  const detail = 'no forecast yet: less than a day of load is known; send readings to POST /readings';
  throw new LocalProblem(404, 'no-forecast', detail);
}

/** Alive, and what is amiss: for a watchdog, which should not start a device anew that only lacks its network. */
function health(device: Device): object {
  const { connected, report, forecast, time } = device.status();
  const amiss = [
    ...(connected ? [] : ['no-connection']),
    ...(report.running === null ? ['no-model'] : []),
    ...(forecast === null ? ['no-forecast'] : []),
    ...(time.isLost ? ['clock-lost'] : []),
  ];
  return { status: amiss.length === 0 ? 'ok' : 'degraded', amiss };
}

function rollback(device: Device, body: Uint8Array): object {
  const { reason } = readRollback(body);
  try {
    device.takeBack(reason);
  } catch (error) {
    if (error instanceof NothingToTakeBack) throw new LocalProblem(409, error.code, error.message);
    if (error instanceof IllegalCommand)
      throw new LocalProblem(409, 'busy', 'a model is being installed: try again in a minute');
    throw error;
  }
  const { previous, report } = device.status();
  return { running: report.running?.version ?? null, restoring: previous?.version ?? null };
}

async function install(device: Device, body: AsyncIterable<Uint8Array>): Promise<object> {
  try {
    return await device.install(body);
  } catch (error) {
    if (error instanceof InstallRefused) throw new LocalProblem(409, error.code, error.message);
    throw error;
  }
}

const routesOf = (device: Device): readonly LocalRoute[] => [
  { method: 'GET', path: '/healthz', access: 'open', answer: () => health(device) },
  { method: 'GET', path: '/forecast', access: 'programs', answer: () => latestForecast(device) },
  { method: 'GET', path: '/status', access: 'programs', answer: () => device.status() },
  {
    method: 'GET',
    path: '/history',
    access: 'programs',
    answer: () => ({ facts: device.history(MOST_FACTS) }),
  },
  { method: 'POST', path: '/rollback', access: 'operator', answer: (body) => rollback(device, body) },
  { method: 'POST', path: '/allow-data', access: 'operator', answer: (body) => allowData(device, body) },
  {
    method: 'POST',
    path: '/install',
    access: 'operator',
    receive: (body) => install(device, body),
    mostBytes: MOST_INSTALL_BYTES,
  },
  {
    method: 'POST',
    path: '/readings',
    access: 'programs',
    answer: (body) => device.recordReadings(readLocalReadings(body)),
  },
];

/** `GET /forecast`, `/status`, `/history` and `/healthz`, `POST /readings`, `/install`, `/rollback` and `/allow-data`. Rejects when the port is taken. */
export function startLocalApi(options: LocalApiOptions): Promise<LocalServer> {
  const { device, ...server } = options;
  return startLocalServer({
    ...server,
    routes: routesOf(device),
    onRefused: (reason) => device.noteRefusal('local', reason),
  });
}
