import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { generateKeyPair } from 'jose';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { carriedFile, metadataOf, pour } from '../../test/edge/carried-file.ts';
import {
  checksumOf,
  createSite,
  goodModel,
  HOUR,
  NOW,
  type SiteUnderTest,
  soon,
} from '../../test/edge/site-under-test.ts';
import { createTrustRepository, newKey, type TrustRepository } from '../../test/edge/trust-repository.ts';
import { targetName } from '../ota/tuf/target-name.ts';
import { startLocalApi } from './local/api.ts';
import type { LocalServer } from './local/server.ts';

const OPERATOR = 'operator-token';

let site: SiteUnderTest;
let cloud: TrustRepository;
let root: string;
let server: LocalServer;

const nameOf = (assignment: number, systemId = 'bess-456', deviceId = 'dev-1') =>
  targetName({ systemId, deviceId, version: `1.${assignment}.0`, modelType: 'ensemble' });
const artifactOf = (bytes: Uint8Array) => ({ checksum: checksumOf(bytes), size: bytes.length });
const trust = () => ({ root, metadataUrl: `${site.cloud.url}/tuf`, folder: join(site.folder, 'trust') });

type Offered = Parameters<SiteUnderTest['sign']>;
type Stick = { readonly by?: Offered[3]; readonly changed?: Offered[2]; readonly signed?: Uint8Array };

const metadata = () => metadataOf(site.cloud.files);

/** All parts of an honest file. */
async function parts(assignment: number, { by, changed, signed }: Stick = {}) {
  const model = goodModel(assignment);
  cloud.sign({ name: nameOf(assignment), artifact: artifactOf(signed ?? model) });
  return { assignment: await site.sign(assignment, model, changed, by), metadata: metadata(), model };
}
const stick = async (assignment: number, more?: Stick) => carriedFile(await parts(assignment, more));

async function install(body: BodyInit, headers: Record<string, string> = {}) {
  const response = await fetch(`http://127.0.0.1:${server.port}/install`, {
    method: 'POST',
    body,
    headers: {
      authorization: `Bearer ${OPERATOR}`,
      'content-type': 'application/octet-stream',
      ...headers,
    },
  });
  return { status: response.status, body: await response.json() };
}

const remembered = () => ({
  journal: site.device.history(500),
  places: readdirSync(site.models).sort(),
  running: site.device.status().report.running?.version,
});

/** Says no for the reason; the model that was there serves, and nothing else has changed. */
async function refuses(body: BodyInit, code: string, detail: RegExp) {
  const before = remembered();
  const answer = await install(body);
  expect(answer.body).toMatchObject({ code, detail: expect.stringMatching(detail) });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(remembered()).toEqual(before);
  expect(before.running).toBe('1.1.0');
  expect(site.active()).toBe(checksumOf(goodModel(1)));
  expect(site.device.status().logged.refusals[0]).toMatchObject({ from: 'local' });
}

beforeEach(async () => {
  site = await createSite();
  cloud = createTrustRepository(site.cloud.files);
  root = cloud.root();
  cloud.setTimestampVersion(4);
  await site.start({ trust: trust() });
  server = await startLocalApi({
    ...{ device: site.device, host: '127.0.0.1', port: 0, token: null, operatorToken: OPERATOR },
    logger: pino({ level: 'silent' }),
  });
  const { assignment } = await parts(1);
  site.broker.publishDesired(assignment);
  await site.answered(1, 'active');
});
afterEach(async () => {
  await server.close();
  await site.close();
});

const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe('a model that is carried to a device', () => {
  it('is installed without a byte of the link; the answer comes later', async () => {
    site.broker.goAway();
    const asked = site.cloud.requests.length;
    expect(await install(await stick(2))).toEqual({ status: 200, body: { version: '1.2.0', assignment: 2 } });
    await vi.waitFor(
      () => expect(site.device.status().report.running).toMatchObject({ version: '1.2.0', assignment: 2 }),
      soon,
    );
    expect(site.cloud.requests.slice(asked).filter((path) => !path.startsWith('/api/'))).toEqual([]);
    expect(site.active()).toBe(checksumOf(goodModel(2)));
    expect(readdirSync(site.models).sort()).toEqual(['forecast.onnx', 'forecast_previous.onnx']);
    expect(site.acks().some((ack) => ack['assignment'] === 2)).toBe(false);
    site.broker.comeBack();
    expect(await site.answered(2, 'active')).toMatchObject({ deploymentId: 'dep-2' });
  });

  it('ends the wait of an offer that the link brought for other hours', async () => {
    await site.configure(1, [3]);
    const carried = await parts(2);
    site.broker.publishDesired(carried.assignment);
    const waitsFor = () => site.device.status().report.attempted?.waitsFor;
    await vi.waitFor(() => expect(waitsFor()).toMatch(/^download hours/), soon);
    expect((await install(carriedFile(carried))).status).toBe(200);
    await site.answered(2, 'active');
    expect(site.cloud.requests).not.toContain('/bess-456/v1.2.0.onnx');
  });

  it('is followed by what the link brings, and follows roots that the device has not seen', async () => {
    const before = [...cloud.keys.root];
    Object.assign(cloud.keys, { root: [newKey(), newKey(), newKey()], targets: newKey() });
    cloud.root([...before.slice(0, 2), ...cloud.keys.root.slice(0, 2)]);
    expect((await install(await stick(2))).status).toBe(200);
    await site.answered(2, 'active');
    site.broker.publishDesired((await parts(3)).assignment);
    await site.answered(3, 'active');
  });

  it('is refused twice: once it is here', async () => {
    const file = await stick(2);
    await install(file);
    await site.answered(2, 'active');
    expect(await install(file)).toMatchObject({ status: 409, body: { code: 'already-installed' } });
    expect(await install(await stick(1))).toMatchObject({ status: 409, body: { code: 'older-assignment' } });
  });

  it('needs the operator’s token, and is sent as bytes', async () => {
    const file = await stick(2);
    expect(await install(file, { authorization: 'Bearer guessed' })).toMatchObject({ status: 401 });
    expect(await install(file, { 'content-type': 'application/json' })).toMatchObject({ status: 415 });
    expect(remembered().running).toBe('1.1.0');
  });
});

describe('a carried file is refused, and the old model serves:', () => {
  it('for another site, or another device', async () => {
    const foreign = await stick(2, { changed: { systemId: 'bess-457' } });
    await refuses(foreign, 'wrong-site', /for site bess-457, this device serves bess-456/);
    await refuses(await stick(2, { changed: { deviceId: 'dev-2' } }), 'wrong-device', /for device dev-2/);
  });

  it('an assignment of another key, or one that was changed', async () => {
    const by = { kid: 'k1', key: (await generateKeyPair('ES256')).privateKey };
    await refuses(await stick(2, { by }), 'bad-signature', /signature/);
    const honest = await parts(2);
    const text = Buffer.from(honest.assignment).toString('utf8').replace('"1.2.0"', '"1.3.0"');
    await refuses(carriedFile({ ...honest, assignment: Buffer.from(text) }), 'bad-signature', /signature/);
  });

  it('an offer that has ended, by the site’s time', async () => {
    const expires = new Date(NOW - HOUR).toISOString();
    await refuses(await stick(2, { changed: { expires } }), 'expired', /the offer ended at/);
  });

  it('an older assignment than one that the link brought', async () => {
    const file = await stick(2);
    await site.offer(3, goodModel(3), { expires: new Date(NOW - HOUR).toISOString() });
    await site.answered(3, 'rejected');
    await refuses(file, 'older-assignment', /assignment 2 is older than 3/);
  });

  it.each<[string, RegExp, () => void]>([
    [
      'that has ended',
      /Final timestamp.json is expired: .* renew it/,
      () => cloud.release({ timestampMs: -1 }),
    ],
    [
      'older than what the device has seen',
      /New timestamp version 1 is less than current version/,
      () => {
        cloud.setTimestampVersion(0);
        cloud.release();
      },
    ],
    [
      'of a key that a root has replaced',
      /targets was signed by 0\/1 keys/,
      () => cloud.releaseByReplaced('targets'),
    ],
    [
      'of a root below its threshold',
      /root was signed by 1\/2/,
      () => cloud.root(cloud.keys.root.slice(0, 1)),
    ],
    [
      'with another snapshot under the present one’s name',
      /Expected (hash|length)/,
      () => cloud.write(`${cloud.version()}.snapshot.json`, cloud.text('1.snapshot.json')),
    ],
    [
      'with bins that were changed',
      /bin-\d was signed by 0\/1 keys/,
      () => {
        for (const bin of [0, 1, 2, 3].map((i) => `${cloud.version()}.bin-${i}.json`))
          cloud.write(bin, cloud.text(bin).replace('"length":', '"length":1'));
      },
    ],
  ])('metadata %s', async (_, detail, attack) => {
    const honest = await parts(2);
    attack();
    await refuses(carriedFile({ ...honest, metadata: metadata() }), 'untrusted', detail);
  });

  it('metadata that names another file, or nothing for this device', async () => {
    const other = await parts(2, { signed: goodModel(1) });
    await refuses(carriedFile(other), 'untrusted', /is offered, sha256:\w+ of \d+ bytes is signed/);
    const nothing = await site.sign(3, goodModel(3));
    const file = { assignment: nothing, metadata: metadata(), model: goodModel(3) };
    await refuses(carriedFile(file), 'untrusted', /nothing is signed for this device/);
  });

  it('without a part of the metadata, whatever the cloud would answer', async () => {
    const honest = await parts(2);
    for (const missing of ['timestamp.json', `${cloud.version()}.snapshot.json`]) {
      const { [missing]: _, ...rest } = honest.metadata;
      await refuses(carriedFile({ ...honest, metadata: rest }), 'incomplete', /the file does not have it/);
    }
  });

  it('with a model that was changed, cut short, or goes on', async () => {
    const honest = await parts(2);
    const { model } = honest;
    await refuses(carriedFile({ ...honest, model: flipped(model, 200) }), 'checksum', /was signed/);
    await refuses(carriedFile({ ...honest, model: model.slice(0, -10) }), 'size-mismatch', /the file ended/);
    await refuses(carriedFile({ ...honest, model: new Uint8Array() }), 'size-mismatch', /the file ended/);
    const longer = Buffer.concat([model, Buffer.alloc(1_000_000)]);
    await refuses(carriedFile({ ...honest, model: longer }), 'size-mismatch', /more than the \d+ bytes/);
  });

  it('with a model that is signed and is none for this site', async () => {
    const model = goodModel(3);
    cloud.sign({ name: nameOf(2), artifact: artifactOf(model) });
    const assignment = await site.sign(2, model);
    await refuses(carriedFile({ assignment, metadata: metadata(), model }), 'wrong-version', /1\.3\.0/);
  });

  it('when it is none at all, or has no end', async () => {
    const honest = await stick(2);
    for (const body of [
      '',
      '{',
      '{}\n',
      'a photo',
      '{"format":"lifo4-install-2"}\n',
      honest.subarray(0, 300),
    ])
      await refuses(body, 'malformed', /lifo4-ml models export/);
    await refuses(new Uint8Array(3_000_000).fill(123), 'malformed', /lifo4-ml models export/);
    expect(['cut off', 400, 409, 413]).toContain(await pour(server.port, OPERATOR, honest));
    expect(remembered().running).toBe('1.1.0');
    expect((await install(honest)).status).toBe(200);
    await site.answered(2, 'active');
  });
});
