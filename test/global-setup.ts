import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import type { TestProject } from 'vitest/node';
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../src/adapters/embedded/postgres/start.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Answers with the connection string of the tests' PostgreSQL; the first request starts it. */
    postgresDoor: string;
  }
}

const PREFIX = 'lifo4-ml-test-';

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Folders that runs which were killed left behind. */
async function sweep(): Promise<void> {
  const left = readdirSync(tmpdir()).filter(
    (name) => name.startsWith(PREFIX) && !alive(Number(name.slice(PREFIX.length))),
  );
  await Promise.all(left.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })));
}

/**
 * One PostgreSQL for the whole run, started when the first test asks for it, so that runs without a database pay
 * nothing. It ends with this process, however that ends. TEST_DATABASE_URL names another server to use.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = join(tmpdir(), `${PREFIX}${process.pid}`);
  let starting: Promise<EmbeddedPostgres> | null = null;
  const start = async (): Promise<EmbeddedPostgres> => {
    await sweep();
    return startEmbeddedPostgres({
      dataDir: folder,
      sharedRoot: join(folder, 'shared'),
      logger: pino({ level: 'error' }),
    });
  };
  const connectionString = async (): Promise<string> => {
    const outside = process.env['TEST_DATABASE_URL'];
    if (outside !== undefined && outside !== '') return outside;
    starting ??= start();
    return (await starting).connectionString;
  };
  const door = createServer((_request, response) => {
    connectionString().then(
      (url) => response.end(url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const { port } = door.address() as AddressInfo;
  project.provide('postgresDoor', `http://127.0.0.1:${port}`);
  return async () => {
    door.closeAllConnections();
    door.close();
    if (starting === null) return;
    await (await starting).close();
    await rm(folder, { recursive: true, force: true });
  };
}
