import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { Client } from 'minio';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { artifactStoreContract } from '../../../test/contracts/artifact-store.ts';
import { cuttingProxy } from '../../../test/services/cutting-proxy.ts';
import { findMinio, type MinioService, startMinio } from '../../../test/services/minio.ts';
import { openS3ArtifactStore, type S3ArtifactStoreOptions } from './artifact-store.ts';

const binary = await findMinio();
const logger = pino({ level: 'silent' });
const quick = { attempts: 5, firstPauseMs: 20 };

describe.skipIf(binary === null)('on MinIO', () => {
  let minio: MinioService;
  let admin: Client;
  let buckets = 0;

  const options = (over: Partial<S3ArtifactStoreOptions> = {}): S3ArtifactStoreOptions => ({
    endpoint: minio.endpoint,
    accessKey: minio.accessKey,
    secretKey: minio.secretKey,
    region: minio.region,
    bucket: `models-${++buckets}`,
    signingKey: randomBytes(32),
    baseUrl: 'http://127.0.0.1:1/api/v1/artifacts/',
    clock: { now: () => new Date() },
    logger,
    patience: quick,
    ...over,
  });
  const kept = (checksum: string) => `artifacts/${checksum.slice(7, 9)}/${checksum.slice(7)}`;

  beforeAll(async () => {
    minio = await startMinio(binary ?? '');
    const { hostname, port } = new URL(minio.endpoint);
    admin = new Client({ ...minio, endPoint: hostname, port: Number(port), useSSL: false });
  });
  afterAll(() => minio.close());

  artifactStoreContract('MinIO', async () => {
    let passed = 0;
    const began = Date.now();
    const opened = options({ clock: { now: () => new Date(began + passed * 1000) } });
    const store = await openS3ArtifactStore(opened);
    return {
      store,
      corrupt: async (checksum) => {
        const bytes = Buffer.from(await store.get(checksum));
        bytes[0] = (bytes[0] ?? 0) ^ 1;
        await admin.putObject(opened.bucket, kept(checksum), bytes);
      },
      isArchived: (checksum) =>
        admin.statObject(opened.bucket, kept(checksum)).then(
          () => false,
          () => true,
        ),
      fetch: async (address) => {
        const url = new URL(address);
        const checksum = url.pathname.split('/').at(-1) ?? '';
        const expires = url.searchParams.get('expires') ?? '';
        const signature = url.searchParams.get('signature') ?? '';
        return store.verifySignature({ checksum, expires, signature }) === 'valid'
          ? store.get(checksum)
          : null;
      },
      pass: (seconds) => {
        passed += seconds;
      },
      close: async () => store.close(),
    };
  });

  it('makes the bucket with one rule, for the archive alone, and keeps the rules of others', async () => {
    const opened = options();
    await admin.makeBucket(opened.bucket);
    const theirs = { ID: 'logs', Status: 'Enabled', Filter: { Prefix: 'logs/' }, Expiration: { Days: 7 } };
    await admin.setBucketLifecycle(opened.bucket, { Rule: [theirs] } as never);
    for (let start = 0; start < 2; start += 1) (await openS3ArtifactStore(opened)).close();
    const { Rule } = (await admin.getBucketLifecycle(opened.bucket)) as unknown as { Rule: object[] };
    expect(Rule).toHaveLength(2);
    expect(Rule).toContainEqual(theirs);
    expect(Rule).toContainEqual({
      ...{ ID: 'lifo4-archived', Status: 'Enabled' },
      ...{ Filter: { Prefix: 'archived/' }, Expiration: { Days: 365 } },
    });
    const fresh = options();
    const nodes = await Promise.all([openS3ArtifactStore(fresh), openS3ArtifactStore(fresh)]);
    const made = (await admin.getBucketLifecycle(fresh.bucket)) as unknown as { Rule: { ID: string } };
    expect(made.Rule.ID).toBe('lifo4-archived');
    for (const node of nodes) node.close();
  });

  it('tells of a rule that would remove models in use', async () => {
    const opened = options();
    await admin.makeBucket(opened.bucket);
    const theirs = { ID: 'all', Status: 'Enabled', Filter: { Prefix: '' }, Expiration: { Days: 30 } };
    await admin.setBucketLifecycle(opened.bucket, { Rule: [theirs] } as never);
    const lines: string[] = [];
    const told = pino({ level: 'error' }, { write: (line) => void lines.push(line) });
    (await openS3ArtifactStore({ ...opened, logger: told })).close();
    expect(lines).toEqual([expect.stringMatching(/"rule":"all".*removes models that run/)]);
  });

  it('gives up a server that takes requests and never answers', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const opening = openS3ArtifactStore(
      options({ endpoint, silenceMs: 50, patience: { attempts: 2, firstPauseMs: 5 } }),
    );
    await expect(opening).rejects.toMatchObject({
      failure: 'unreachable',
      message: expect.stringContaining('silent'),
    });
    silent.close();
  });

  it('sends a large file in parts and reads it back, also when two store it at once', async () => {
    const opened = options();
    const store = await openS3ArtifactStore(opened);
    const bytes = randomBytes(20 * 1024 * 1024);
    const [{ checksum }] = await Promise.all([store.put(bytes), store.put(bytes), store.put(bytes)]);
    const { etag, lastModified } = await admin.statObject(opened.bucket, kept(checksum));
    expect(etag).toMatch(/-3$/);
    expect(Buffer.from(await store.get(checksum)).equals(bytes)).toBe(true);
    await store.put(bytes);
    expect((await admin.statObject(opened.bucket, kept(checksum))).lastModified).toEqual(lastModified);
    store.close();
  });

  it('waits for a store that is away and loses nothing', async () => {
    const store = await openS3ArtifactStore(options({ patience: { attempts: 8, firstPauseMs: 100 } }));
    await minio.stop();
    const storing = store.put(Buffer.from('made while the store was away'));
    await minio.start();
    const { checksum } = await storing;
    expect(Buffer.from(await store.get(checksum)).toString()).toBe('made while the store was away');
    store.close();
  });

  it('says in the end that the store is away, and which setting names it', async () => {
    const store = await openS3ArtifactStore(options({ patience: { attempts: 2, firstPauseMs: 10 } }));
    await minio.stop();
    const refused = expect(store.put(Buffer.from('x'))).rejects;
    await refused.toMatchObject({ name: 'S3Unavailable', message: expect.stringContaining('S3_ENDPOINT') });
    await expect(store.check()).rejects.toThrow('S3_ENDPOINT');
    await minio.start();
    await expect(store.check()).resolves.toBeUndefined();
    store.close();
  });

  it('goes on with a download after the connection broke, and never repeats a byte', async () => {
    const direct = options();
    const bytes = randomBytes(6 * 1024 * 1024);
    const first = await openS3ArtifactStore(direct);
    const { checksum } = await first.put(bytes);
    first.close();
    const proxy = await cuttingProxy(Number(new URL(minio.endpoint).port));
    const store = await openS3ArtifactStore({ ...direct, endpoint: `http://127.0.0.1:${proxy.port}` });
    proxy.cutAfter(1_000_000);
    const pieces: Uint8Array[] = [];
    for await (const piece of await store.read(checksum)) pieces.push(piece);
    expect(proxy.cuts()).toBeGreaterThan(2);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    store.close();
    await proxy.close();
  });

  it('says so where a server speaks no TLS', async () => {
    const endpoint = minio.endpoint.replace('http:', 'https:');
    await expect(openS3ArtifactStore(options({ endpoint }))).rejects.toThrow(
      /^S3_ENDPOINT: .*speaks no TLS; write http:/,
    );
  });

  it.each([
    ['a wrong secret', { secretKey: 'not the secret' }, 'login-refused', /^S3_ACCESS_KEY, S3_SECRET_KEY: /],
    ['an unknown user', { accessKey: 'somebody' }, 'login-refused', /^S3_ACCESS_KEY, S3_SECRET_KEY: /],
    ['a wrong region', { region: 'sa-east-1' }, 'wrong-region', /^S3_REGION: /],
    ['no server', { endpoint: 'http://127.0.0.1:9' }, 'unreachable', /^S3_ENDPOINT: .*does not answer/],
    ['no such host', { endpoint: 'http://nowhere.invalid:9000' }, 'unreachable', /^S3_ENDPOINT: /],
    ['a bad bucket name', { bucket: 'No Good' }, 'bad-bucket-name', /^S3_BUCKET: /],
  ])('names the setting of %s', async (_, over, failure, message) => {
    const opening = openS3ArtifactStore(options({ ...over, patience: { attempts: 2, firstPauseMs: 5 } }));
    await expect(opening).rejects.toMatchObject({
      name: 'S3Unfit',
      failure,
      message: expect.stringMatching(message),
    });
  });
});
