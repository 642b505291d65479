import { access, constants, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';
import { decodeJwt } from 'jose';
import { pino } from 'pino';
import { createPool } from '../adapters/postgres/connect.ts';
import { type Config, readConfig } from './config.ts';
import { describeFailure } from './failure.ts';
import { unusableDatabase } from './storage.ts';

/** Looks over a machine that is to run the service, or that asks one, and says what to mend. */

export interface Finding {
  readonly check: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly text: string;
}

interface Patient {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly config: Config;
  /** Where a service may answer. */
  readonly url: string;
}

const PATIENCE_MS = 5_000;
const GB = 1024 ** 3;
const LITTLE_GB = 5;
const LEAST_GB = 1;
const LEAST_POSTGRES = 150_000;
const MOST_SKEW_MS = 5_000;
const SOON_MS = 24 * 3_600_000;
const OLDEST_NODE = 24;

const ok = (check: string, text: string): Finding => ({ check, level: 'ok', text });
const warn = (check: string, text: string): Finding => ({ check, level: 'warn', text });
const fail = (check: string, text: string): Finding => ({ check, level: 'fail', text });

function node(): Finding {
  const version = process.versions.node;
  return Number(version.split('.')[0]) >= OLDEST_NODE
    ? ok('node', version)
    : fail('node', `${version}: run "npm install" in the project's folder, which brings its own`);
}

/** The folder itself, or the one in which it would be made: looking changes nothing. */
async function nearest(folder: string): Promise<string> {
  const there = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' && dirname(folder) !== folder) return null;
    throw error;
  });
  return there === null ? nearest(dirname(folder)) : folder;
}

async function disk({ config: { dataDir } }: Patient): Promise<Finding> {
  const place = await nearest(resolve(dataDir));
  await access(place, constants.W_OK);
  const { bavail, bsize } = await statfs(place);
  const free = (bavail * bsize) / GB;
  const text = `${dataDir}, ${free.toFixed(1)} GB free`;
  if (free < LEAST_GB) return fail('disk', `${text}: at least ${LEAST_GB} GB are needed`);
  return free < LITTLE_GB ? warn('disk', `${text}: the log and the models grow`) : ok('disk', text);
}

async function answering(url: string): Promise<Response | null> {
  return fetch(`${url}/readyz`, { signal: AbortSignal.timeout(PATIENCE_MS) }).catch(() => null);
}

async function port({ config: { host, port: number }, url }: Patient): Promise<Finding> {
  const { promise, resolve: tell } = Promise.withResolvers<Finding>();
  const place = `${host}:${number}`;
  const server = createServer()
    .once('error', (error: NodeJS.ErrnoException) =>
      tell(fail('port', `${place} cannot be used (${error.code}): set LIFO4_HOST or LIFO4_PORT`)),
    )
    .listen(number, host, () => server.close(() => tell(ok('port', `${place} is free`))));
  const found = await promise;
  const isOurs = found.level === 'fail' && (await answering(url)) !== null;
  return isOurs ? ok('port', `${place}: a service answers`) : found;
}

async function database({ config: { database: settings } }: Patient): Promise<Finding> {
  const { url, ...limits } = settings;
  if (url === null) return ok('database', 'the embedded one; set DATABASE_URL for more than a trial');
  const logger = pino({ level: 'silent' });
  const pool = createPool({ connectionString: url, ...limits, logger, maxConnections: 1 });
  try {
    const { rows } = await pool.query<{ version: string; number: string }>(
      "select current_setting('server_version') as version, current_setting('server_version_num') as number",
    );
    const { version = '?', number = '0' } = rows[0] ?? {};
    return Number(number) >= LEAST_POSTGRES
      ? ok('database', `PostgreSQL ${version}`)
      : fail('database', `PostgreSQL ${version}: 15 or later is needed`);
  } catch (error) {
    throw unusableDatabase(error);
  } finally {
    await pool.end();
  }
}

/** What a service says of itself and of all that it stands on. */
async function service({ url }: Patient): Promise<readonly Finding[]> {
  const response = await answering(url);
  if (response === null) return [warn('service', `nothing answers at ${url}: start it, or set LIFO4_URL`)];
  const { checks } = (await response.json()) as {
    readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly advisory?: true }[];
  };
  const date = Date.parse(response.headers.get('date') ?? '');
  const skew = Math.abs(Date.now() - date);
  const clock =
    skew > MOST_SKEW_MS
      ? [warn('clock', `${Math.round(skew / 1000)} s apart from the service's: set one of them by NTP`)]
      : [];
  const parts = checks.map((part) => {
    if (part.ok) return ok(`service: ${part.name}`, 'works');
    const text = "does not work: see the service's log";
    return part.advisory ? warn(`service: ${part.name}`, text) : fail(`service: ${part.name}`, text);
  });
  return [...clock, ok('service', url), ...parts];
}

function token({ env }: Patient): readonly Finding[] {
  const text = env['LIFO4_TOKEN'];
  if (text === undefined || text === '') return [];
  try {
    const { exp = 0, tenant, scope } = decodeJwt<{ tenant?: string; scope?: string }>(text);
    const left = exp * 1000 - Date.now();
    if (left <= 0) return [fail('token', 'LIFO4_TOKEN has ended: "lifo4-ml token" issues one')];
    const about = `of ${tenant ?? '?'} for ${scope ?? '?'}, until ${new Date(exp * 1000).toISOString()}`;
    return [left < SOON_MS ? warn('token', about) : ok('token', about)];
  } catch {
    return [fail('token', 'LIFO4_TOKEN is no token: "lifo4-ml token" issues one')];
  }
}

/** A check that throws has found something, too. */
const finding = async (check: string, look: () => Promise<Finding>): Promise<Finding> =>
  look().catch((error: unknown) => fail(check, describeFailure(error)));

/** Throws `BadSetting` when the settings cannot be read: nothing else can then be looked at. */
export async function examine(env: Patient['env']): Promise<readonly Finding[]> {
  const config = readConfig(env);
  const url = (env['LIFO4_URL'] ?? `http://${config.host}:${config.port}`).replace(/\/+$/, '');
  const patient = { env, config, url };
  return [
    node(),
    await finding('disk', () => disk(patient)),
    await finding('port', () => port(patient)),
    await finding('database', () => database(patient)),
    ...token(patient),
    ...(await service(patient)),
  ];
}
