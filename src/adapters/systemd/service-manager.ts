import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Logger } from 'pino';

/** What systemd is told of a service that it started with `Type=notify`. */
export interface ServiceManager {
  /** The service has begun; from now on the watchdog is fed for as long as it is well. */
  ready(): void;
  /** The service ends in order. Resolves when that was said. */
  stopping(): Promise<void>;
}

export interface ServiceManagerOptions {
  /** Of the process: `NOTIFY_SOCKET`, and `WATCHDOG_USEC` and `WATCHDOG_PID` where there is a watchdog. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Without it the watchdog is not fed, and systemd starts the service anew. */
  readonly isHealthy: () => boolean;
  /** One line for `systemctl status`. */
  readonly status: () => string;
  readonly logger: Logger;
}

const run = promisify(execFile);
const TIMEOUT_MS = 10_000;
/** Two messages may be late before systemd loses its patience. */
const FEEDS = 3;

/** How often the watchdog is fed, ms; null where there is none for this process. */
function feedEvery({ WATCHDOG_USEC, WATCHDOG_PID }: ServiceManagerOptions['env']): number | null {
  if (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== process.pid) return null;
  const microseconds = Number(WATCHDOG_USEC);
  return microseconds > 0 ? microseconds / 1_000 / FEEDS : null;
}

/**
 * Tells systemd by its own `systemd-notify`, for Node speaks no datagrams over Unix sockets; the unit needs
 * `NotifyAccess=all`. Null where no service manager listens.
 */
export function createServiceManager(options: ServiceManagerOptions): ServiceManager | null {
  const { env, isHealthy, status, logger } = options;
  const socket = env['NOTIFY_SOCKET'];
  if (socket === undefined || socket === '') return null;
  const own = { NOTIFY_SOCKET: socket, PATH: env['PATH'] ?? '/usr/bin:/bin' };
  let last = Promise.resolve();
  let timer: NodeJS.Timeout | null = null;
  let wasHealthy = true;

  /** In order, and one process at a time. */
  function tell(...message: readonly string[]): Promise<void> {
    last = last.then(async () => {
      await run('systemd-notify', [...message], { env: own, timeout: TIMEOUT_MS }).catch((err: unknown) =>
        logger.error({ err }, 'systemd could not be told: is systemd-notify installed?'),
      );
    });
    return last;
  }

  function feed(): void {
    const isWell = isHealthy();
    if (!isWell && wasHealthy) logger.error('not well: the watchdog is not fed until it is again');
    wasHealthy = isWell;
    if (isWell) void tell('WATCHDOG=1', `STATUS=${status()}`);
  }

  return {
    ready() {
      void tell('READY=1', `STATUS=${status()}`);
      const every = feedEvery(env);
      if (every === null) return;
      timer = setInterval(feed, every);
      timer.unref();
    },
    stopping() {
      if (timer !== null) clearInterval(timer);
      return tell('STOPPING=1', 'STATUS=ends in order');
    },
  };
}
