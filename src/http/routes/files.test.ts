import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { registerSite, type ServerUnderTest, startServer } from '../../../test/http/server-under-test.ts';
import { appendModel } from '../../../test/http/stories.ts';
import { sampleMetrics } from '../../../test/sample-facts.ts';
import { createFileArtifactStore } from '../../adapters/filesystem/artifact-store.ts';

let server: ServerUnderTest;
let token: string;
let etag: string;
const bytes = randomBytes(100_000);
const memberBytes = randomBytes(5000);
const PATH = '/models/bess-1/v1.3.0.onnx';

const get = async (headers: Record<string, string> = {}, method = 'GET') => {
  const response = await fetch(`${server.url}${PATH}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  return { response, body: Buffer.from(await response.arrayBuffer()) };
};

describe('model files over HTTP', () => {
  beforeAll(async () => {
    server = await startServer();
    token = await server.token({ scopes: ['ml:read'] });
    await registerSite(server, 'bess-1');
    const artifact = await server.artifacts.put(bytes);
    const member = await server.artifacts.put(memberBytes);
    const modelArtifacts = [
      { modelType: 'ensemble', artifact, metrics: sampleMetrics },
      { modelType: 'xgboost', artifact: member, metrics: { ...sampleMetrics, mape: 0.05 } },
    ] as const;
    await appendModel(server.postgres.log, {
      jobId: randomUUID(),
      systemId: 'bess-1',
      version: '1.3.0',
      artifact,
      modelArtifacts,
    });
    etag = `"${artifact.checksum}"`;
  });
  afterAll(() => server.close());

  it('sends the whole file at its stable address', async () => {
    const { response, body } = await get();
    expect(response.status).toBe(200);
    expect(body.equals(bytes)).toBe(true);
    expect(response.headers.get('etag')).toBe(etag);
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(response.headers.get('content-length')).toBe('100000');
  });

  it.each([
    ['bytes=0-9', 0, 10],
    ['bytes=99990-', 99_990, 100_000],
    ['bytes=-5', 99_995, 100_000],
    ['bytes=-500000', 0, 100_000],
    ['bytes=50000-999999', 50_000, 100_000],
  ])('sends the range %s', async (range, start, end) => {
    const { response, body } = await get({ range });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/100000`);
    expect(body.equals(bytes.subarray(start, end))).toBe(true);
  });

  it.each(['bytes=5-2', 'bytes=a-b', 'bytes=0-1,5-6', 'lines=1-2', 'bytes=-'])(
    'sends all for %s',
    async (range) => {
      expect((await get({ range })).response.status).toBe(200);
    },
  );

  it('goes on with an interrupted download only while the file is the same', async () => {
    const same = await get({ range: 'bytes=40000-', 'if-range': etag });
    expect(same.response.status).toBe(206);
    const other = await get({ range: 'bytes=40000-', 'if-range': '"sha256:other"' });
    expect(other.response.status).toBe(200);
  });

  it('refuses a range outside the file, and says how long it is', async () => {
    const answer = await server.call('GET', PATH, { token, headers: { range: 'bytes=100000-' } });
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe('bytes */100000');
  });

  it('sends nothing to whoever has it, or asks for the head alone', async () => {
    expect((await get({ 'if-none-match': etag })).response.status).toBe(304);
    const { response, body } = await get({}, 'HEAD');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('100000');
    expect(body.length).toBe(0);
  });

  it('sends the file of a single model at an address of its own, and tells where it is', async () => {
    const path = '/models/bess-1/v1.3.0/xgboost.onnx';
    const response = await fetch(`${server.url}${path}`, {
      headers: { authorization: `Bearer ${token}`, range: 'bytes=1000-' },
    });
    expect(response.status).toBe(206);
    const body = Buffer.from(await response.arrayBuffer());
    expect(body.equals(memberBytes.subarray(1000))).toBe(true);
    const head = await server.call('HEAD', path, { token });
    expect(head.headers.get('content-length')).toBe('5000');
    const listed = () => server.call('GET', '/api/v1/ml/systems/bess-1/models/1.3.0', { token });
    await vi.waitFor(async () => expect((await listed()).status).toBe(200), { timeout: 10_000 });
    expect((await listed()).body).toMatchObject({
      files: [
        { modelType: 'ensemble', url: PATH, metrics: { mape: 3.8 } },
        { modelType: 'xgboost', url: path, size: 5000, metrics: { mape: 5 } },
      ],
    });
  });

  it.each([
    ['v1.3.0/arima.onnx', 404, 'model-not-found'],
    ['v1.3.0/lstm.onnx', 404, 'model-not-found'],
    ['v1.3.0/other.onnx', 404, 'model-not-found'],
    ['v1.3.0/xgboost.pkl', 415, 'unsupported-format'],
    ['v1.3.0.pkl', 415, 'unsupported-format'],
  ])('has no %s', async (file, status, code) => {
    const answer = await server.call('GET', `/models/bess-1/${file}`, { token });
    expect(answer.body).toMatchObject({ status, code });
  });

  it('needs a credential', async () => {
    const answer = await server.call('GET', PATH);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/Bearer .*Basic /);
  });

  it('sends a file at an address that its store signed, and at no other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'artifacts-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    let now = new Date();
    const store = await createFileArtifactStore({
      folder,
      signingKey: randomBytes(32),
      baseUrl: 'http://models.test/api/v1/artifacts',
      clock: { now: () => now },
    });
    const signing = await startServer({ overrides: { artifacts: store } });
    onTestFinished(() => signing.close());
    const { checksum } = await store.put(bytes);
    const address = (await store.signedUrl(checksum, 60)).replace('http://models.test', '');
    expect((await signing.call('GET', address)).status).toBe(200);
    const forged = await signing.call('GET', address.replace(/expires=\d+/, 'expires=9999999999'));
    expect(forged.body).toMatchObject({ status: 403, code: 'address-invalid' });
    now = new Date(now.getTime() + 61_000);
    expect((await signing.call('GET', address)).body).toMatchObject({ status: 403, code: 'address-expired' });
  });

  it('says so when the file is gone from the store', async () => {
    const artifact = { checksum: `sha256:${'0'.repeat(64)}`, size: 5 };
    await registerSite(server, 'bess-2');
    await appendModel(server.postgres.log, {
      jobId: randomUUID(),
      systemId: 'bess-2',
      version: '1.0.0',
      artifact,
    });
    const answer = await server.call('GET', '/models/bess-2/v1.0.0.onnx', { token });
    expect(answer.body).toMatchObject({ status: 404, code: 'artifact-missing' });
  });
});
