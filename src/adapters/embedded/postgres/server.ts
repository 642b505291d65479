import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import { type SupervisedProcess, startSupervised } from '../supervised-process.ts';
import type { Binaries } from './binaries.ts';
import { SERVER_ENV, SUPERUSER } from './cluster.ts';
import { diagnose, EmbeddedPostgresFailed } from './errors.ts';
import type { Place } from './place.ts';

/** The running server: started until it answers, stopped in order. */

const DATABASE = 'lifo4';
const STOP_MS = 30_000;
const KEPT_LINES = 20;
const ATTEMPTS = 10;
/** How long a server that cannot bind its port may take to say so. */
const VERDICT_MS = 3_000;

export interface ServerSetup {
  readonly dataDir: string;
  readonly logger: Logger;
  /** A free one when undefined. */
  readonly port: number | undefined;
  readonly startTimeoutMs: number;
  readonly place: Place;
  readonly binaries: Binaries;
  readonly data: string;
  readonly password: string;
}

export interface Server {
  readonly process: SupervisedProcess;
  readonly port: number;
  /** The last lines it wrote. */
  readonly lines: readonly string[];
  readonly connectionString: string;
}

async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/** Attempts to connect before it is ready, and connections ended by its stop, are nothing to worry about. */
const HARMLESS =
  /the database system is (starting up|shutting down)|terminating connection due to administrator/;

function isAlarming(line: string): boolean {
  return /\b(PANIC|FATAL):/.test(line) && !HARMLESS.test(line);
}

function logLine(logger: Logger, line: string): void {
  if (isAlarming(line)) logger.warn({ line }, 'PostgreSQL says');
  else logger.debug({ line }, 'PostgreSQL says');
}

function address(port: number, password: string, database: string): string {
  return `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
}

async function launch(setup: ServerSetup): Promise<Server> {
  const port = setup.port ?? (await freePort());
  const lines: string[] = [];
  const process = await startSupervised({
    command: setup.binaries.postgres,
    args: [
      '-D',
      setup.data,
      ...['-c', `port=${port}`, '-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories='],
      ...['-c', 'fsync=on', '-c', 'full_page_writes=on', '-c', 'logging_collector=off'],
    ],
    stopSignal: 'INT',
    runAs: setup.place.runAs,
    env: SERVER_ENV,
    onLine: (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      logLine(setup.logger, line);
    },
  });
  return { process, port, lines, connectionString: address(port, setup.password, DATABASE) };
}

/** Makes our own database where it is missing; throws while the server is not ready. */
async function ensureDatabase(server: Server, password: string): Promise<void> {
  const client = new pg.Client({
    connectionString: address(server.port, password, 'postgres'),
    connectionTimeoutMillis: VERDICT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

/** Why the server does not answer yet, or null when it does. */
async function obstacle(server: Server, password: string): Promise<Error | null> {
  return ensureDatabase(server, password).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
  );
}

/** A password that does not fit never will: it is another server's port, or the password file was changed. */
function isHopeless(error: Error): boolean {
  return 'code' in error && error.code === '28P01';
}

async function untilReady(server: Server, setup: ServerSetup): Promise<void> {
  const until = performance.now() + setup.startTimeoutMs;
  const gone = (): boolean => server.process.exit() !== null;
  for (let error = await obstacle(server, setup.password); error !== null; ) {
    if (isHopeless(error)) await Promise.race([server.process.exited, sleep(VERDICT_MS)]);
    if (gone() || isHopeless(error) || performance.now() > until) {
      throw diagnose(setup.dataDir, server.process.exit() ?? error, server.lines);
    }
    await sleep(30);
    error = await obstacle(server, setup.password);
  }
}

/** Stops the server in order, open connections included; by force when it does not within 30 s. */
export async function stopServer(server: Server): Promise<void> {
  server.process.stop();
  const timer = new AbortController();
  await Promise.race([
    server.process.exited,
    sleep(STOP_MS, undefined, { signal: timer.signal }).catch(() => undefined),
  ]);
  timer.abort();
  if (server.process.exit() === null) server.process.kill();
  await server.process.exited;
}

/** A free port may be taken between its choice and its use, and a killed server's children may linger. */
function isPassing(error: unknown, setup: ServerSetup): boolean {
  if (!(error instanceof EmbeddedPostgresFailed)) return false;
  if (error.failure === 'port-taken') return setup.port === undefined;
  return error.failure === 'crashed' && error.message.includes('pre-existing shared memory block');
}

/** Returns when the server answers. Throws {@link EmbeddedPostgresFailed}. */
export async function startServer(setup: ServerSetup): Promise<Server> {
  for (let attempt = 1; ; attempt += 1) {
    const server = await launch(setup);
    try {
      await untilReady(server, setup);
      return server;
    } catch (error) {
      await stopServer(server);
      if (attempt >= ATTEMPTS || !isPassing(error, setup)) throw error;
      await sleep(100 * attempt);
    }
  }
}
