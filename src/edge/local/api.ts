import type { Logger } from 'pino';
import type { Device } from '../device.ts';
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

const routesOf = (device: Device): readonly LocalRoute[] => [
  { method: 'GET', path: '/healthz', access: 'open', answer: () => health(device) },
  { method: 'GET', path: '/forecast', access: 'programs', answer: () => latestForecast(device) },
  { method: 'GET', path: '/status', access: 'programs', answer: () => device.status() },
  {
    method: 'POST',
    path: '/readings',
    access: 'programs',
    answer: (body) => device.recordReadings(readLocalReadings(body)),
  },
];

/** `GET /forecast`, `/status` and `/healthz`, `POST /readings`. Rejects when the port is taken. */
export function startLocalApi(options: LocalApiOptions): Promise<LocalServer> {
  const { device, ...server } = options;
  return startLocalServer({
    ...server,
    routes: routesOf(device),
    onRefused: (reason) => device.noteRefusal('local', reason),
  });
}
