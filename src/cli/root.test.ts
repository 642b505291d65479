import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/services/postgres.ts';
import { openPostgres, type Postgres } from '../adapters/postgres/open.ts';
import { runProgram } from './program.ts';

let folder: string;
let database: TestDatabase;
let postgres: Postgres;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifo4-ceremony-'));
  database = await createTestDatabase();
  const { connectionString } = database;
  postgres = await openPostgres({ connectionString, logger: pino({ level: 'silent' }) });
});
afterAll(async () => {
  await postgres.close();
  await database.drop();
  await rm(folder, { recursive: true });
});

const at = (name: string) => join(folder, name);

async function run(...args: readonly string[]) {
  const written = { out: '', err: '' };
  const into = (name: 'out' | 'err') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const env = { LIFO4_KEY_PASSPHRASE: 'twelve letters', DATABASE_URL: database.connectionString };
  const { signal } = new AbortController();
  const code = await runProgram(['keys', ...args], {
    ...{ stdout: into('out'), stderr: into('err'), env, signal },
  });
  return { code, ...written };
}

const published = async () => (await postgres.trust.latest('root'))?.version ?? 0;
const sign = (root: string, key: string) => run('sign-root', at(root), '--key', at(key));
const roles = () =>
  ['targets', 'snapshot', 'timestamp'].flatMap((role) => [`--${role}`, at(`${role}.pem.pub`)]);

describe('the ceremony of the root', () => {
  it('makes three keys that their passphrase protects, and never overwrites one', async () => {
    const { code, err } = await run('make-root', folder);
    expect([code, err]).toEqual([0, expect.stringContaining('offline')]);
    const pem = await readFile(at('root-1.pem'), 'utf8');
    expect(pem).toContain('BEGIN ENCRYPTED PRIVATE KEY');
    expect((await stat(at('root-1.pem'))).mode & 0o777).toBe(0o600);
    expect(await run('make-root', folder)).toMatchObject({
      code: 2,
      err: expect.stringContaining('overwritten'),
    });
    expect(await readFile(at('root-1.pem'), 'utf8')).toBe(pem);
    const made = await run(
      'make',
      at('targets.pem'),
      at('snapshot.pem'),
      at('timestamp.pem'),
      '--no-passphrase',
    );
    expect(made.code).toBe(0);
  });

  it('publishes a first root once two of three have signed it', async () => {
    const roots = [1, 2, 3].map((number) => at(`root-${number}.pem.pub`));
    expect((await run('root', at('1.root.json'), '--root', ...roots, ...roles())).code).toBe(0);
    await sign('1.root.json', 'root-1.pem');
    const early = await run('publish-root', at('1.root.json'));
    expect(early).toMatchObject({ code: 2, err: expect.stringContaining('signed by 1/2 keys') });
    expect((await sign('1.root.json', 'root-3.pem')).out.match(/signed/g)).toHaveLength(2);
    expect(await run('publish-root', at('1.root.json'))).toMatchObject({ code: 0 });
    expect(await run('publish-root', at('1.root.json'))).toMatchObject({ code: 0 });
    expect(await published()).toBe(1);
  });

  it('replaces a lost root key and a stolen timestamp key, by the holders that are left', async () => {
    await run('make', at('root-4.pem'), at('timestamp-2.pem'));
    const [lost, stolen] = [`root=${at('root-2.pem.pub')}`, `timestamp=${at('timestamp.pem.pub')}`];
    const fresh = [
      '--add',
      `root=${at('root-4.pem.pub')}`,
      '--add',
      `timestamp=${at('timestamp-2.pem.pub')}`,
    ];
    const change = ['--remove', lost, '--remove', stolen, ...fresh];
    const made = await run('next-root', at('1.root.json'), at('2.root.json'), ...change);
    expect(made).toMatchObject({ code: 0, out: expect.stringContaining('root 2') });
    await sign('2.root.json', 'root-4.pem');
    await sign('2.root.json', 'root-1.pem');
    const short = await run('publish-root', at('2.root.json'));
    expect(short.err).toMatch(/signed by 1\/2 keys, by the keys of the root before it/);
    await sign('2.root.json', 'root-3.pem');
    expect((await run('publish-root', at('2.root.json'))).out).toContain('root 2 is published');
    expect((await run('show-root', at('2.root.json'))).out.match(/signed/g)).toHaveLength(3);
  });

  it.each([
    ['an old root', () => ['publish-root', at('1.root.json')], /version 1 cannot follow/],
    [
      'a key that is no role’s',
      () => ['next-root', at('2.root.json'), at('x'), '--remove', `targets=${at('root-4.pem.pub')}`],
      /none of the keys/,
    ],
    [
      'a role without keys',
      () => ['next-root', at('2.root.json'), at('x'), '--remove', `targets=${at('targets.pem.pub')}`],
      /threshold/,
    ],
    ['an unknown role', () => ['next-root', at('2.root.json'), at('x'), '--add', 'king=a.pub'], /ROLE=FILE/],
    ['no root', () => ['show-root', at('root-1.pem')], /no root metadata/],
    ['no key', () => ['sign-root', at('2.root.json'), '--key', at('2.root.json')], /no key that can be used/],
    ['a missing file', () => ['sign-root', at('2.root.json'), '--key', at('none')], /no such file/],
  ])('refuses %s in one line', async (_, args, message) => {
    const { code, err } = await run(...args());
    expect([code, err.trim().split('\n')]).toEqual([2, [expect.stringMatching(message)]]);
    expect(await published()).toBe(2);
  });
});
