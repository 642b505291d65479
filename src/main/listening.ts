import type { Config } from './config.ts';
import { BadSetting } from './settings/read.ts';

/** Why nothing can listen where the settings say; errors of another kind come back as they are. */
export function unusablePlace({ host, port }: Pick<Config, 'host' | 'port'>, error: unknown): unknown {
  switch (error instanceof Error && 'code' in error ? error.code : '') {
    case 'EADDRINUSE':
      return new BadSetting(
        'LIFO4_PORT or --port',
        `another program listens on ${host}:${port}; choose another port`,
      );
    case 'EACCES':
      return new BadSetting(
        'LIFO4_PORT or --port',
        `this user may not listen on ${port}; choose one above 1023`,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EINVAL':
      return new BadSetting(
        'LIFO4_HOST',
        `${host} is no address of this machine; write one of its own, 127.0.0.1, or 0.0.0.0 for all`,
      );
  }
  return error;
}
