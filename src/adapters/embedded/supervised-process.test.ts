import { expect, it } from 'vitest';
import { startSupervised } from './supervised-process.ts';

const SIGINT_EXIT = 130;

/** Deaf to SIGINT at first, as background work of a shell is until it has a handler or begins another program. */
const DEAF = 'echo begun; sleep 0.3; exec "$0" -e "setInterval(() => undefined, 1000)"';

const start = (onLine: (line: string) => void = () => undefined) =>
  startSupervised({
    ...{ command: '/bin/sh', args: ['-c', DEAF, process.execPath] },
    ...{ stopSignal: 'INT', env: {}, onLine },
  });

it('stops a server that was told to before it could hear it', async () => {
  const server = await start();
  server.stop();
  expect(await server.exited).toBe(SIGINT_EXIT);
});

it('stops a server that has only just begun', async () => {
  const begun = Promise.withResolvers<string>();
  const server = await start(begun.resolve);
  expect(await begun.promise).toBe('begun');
  server.stop();
  expect(await server.exited).toBe(SIGINT_EXIT);
});
