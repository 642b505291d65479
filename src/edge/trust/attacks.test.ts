import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  checksumOf,
  createSite,
  goodModel,
  type SiteUnderTest,
  soon,
} from '../../../test/edge/site-under-test.ts';
import { createTrustRepository, newKey, type TrustRepository } from '../../../test/edge/trust-repository.ts';
import { targetName } from '../../ota/tuf/target-name.ts';

let site: SiteUnderTest;
let cloud: TrustRepository;
let root: string;

const artifactOf = (bytes: Uint8Array) => ({ checksum: checksumOf(bytes), size: bytes.length });
const nameOf = (assignment: number, systemId = 'bess-456', deviceId = 'dev-1') =>
  targetName({ systemId, deviceId, version: `1.${assignment}.0`, modelType: 'ensemble' });

/** Signs a model as the cloud does before it offers it. */
const sign = (assignment: number, bytes = goodModel(assignment)) =>
  cloud.sign({ name: nameOf(assignment), artifact: artifactOf(bytes) });

const trust = () => ({ root, metadataUrl: `${site.cloud.url}/tuf`, folder: join(site.folder, 'trust') });

async function signAndOffer(assignment: number) {
  sign(assignment);
  await site.offer(assignment, goodModel(assignment));
}

/** The device answers no, says why, and goes on with the model that it had. */
async function refuses(assignment: number, reason: RegExp) {
  expect(await site.answered(assignment, 'rejected')).toMatchObject({
    reason: expect.stringMatching(reason),
    runningVersion: '1.1.0',
  });
  stillServes();
}

function stillServes() {
  expect(site.active()).toBe(checksumOf(goodModel(1)));
  expect(site.device.status().report.running).toMatchObject({ version: '1.1.0' });
}

beforeEach(async () => {
  site = await createSite();
  cloud = createTrustRepository(site.cloud.files);
  root = cloud.root();
  cloud.setTimestampVersion(4);
  await site.start({ trust: trust() });
  await signAndOffer(1);
  await site.answered(1, 'active');
});
afterEach(() => site.close());

/** What a thief, or somebody between, does once model 2 is signed; and what the device says of it. */
const ATTACKS: readonly [string, RegExp, () => void][] = [
  [
    'rollback: an older timestamp',
    /^untrusted: New timestamp version 1 is less than current version 5/,
    () => {
      cloud.setTimestampVersion(0);
      cloud.release();
    },
  ],
  [
    'freeze: metadata that has ended',
    /^untrusted: Final timestamp.json is expired: it is .* here; renew/,
    () => cloud.release({ timestampMs: -1000 }),
  ],
  [
    'mix-and-match: another snapshot under the present one’s name',
    /^untrusted: Expected hash|^untrusted: Expected length/,
    () => cloud.write(`${cloud.version()}.snapshot.json`, cloud.text('1.snapshot.json')),
  ],
  [
    'mix-and-match: an older bin under the present one’s name',
    /^untrusted: Version \d of bin-\d does not match snapshot version/,
    () => eachBin((name) => cloud.write(`${cloud.version()}.${name}`, cloud.text(`1.${name}`))),
  ],
  [
    'tampered metadata',
    /^untrusted: bin-\d was signed by 0\/1 keys/,
    () =>
      eachBin((name) =>
        edit(`${cloud.version()}.${name}`, (text) => text.replace('"length":', '"length":1')),
      ),
  ],
  ['truncated metadata', /^untrusted: .*JSON/, () => edit('timestamp.json', (text) => text.slice(0, -20))],
  [
    'endless metadata',
    /^untrusted: the file does not end after 4096 bytes/,
    () => site.cloud.answers.set('/tuf/timestamp.json', endless),
  ],
  [
    'revoked key: signed by the one before',
    /^untrusted: targets was signed by 0\/1 keys/,
    () => cloud.releaseByReplaced('targets'),
  ],
  [
    'revoked key: the timestamp’s',
    /^untrusted: timestamp was signed by 0\/1 keys/,
    () => cloud.releaseByReplaced('timestamp'),
  ],
  [
    'below threshold: a root with one signature',
    /^untrusted: root was signed by 1\/2 keys/,
    () => void cloud.root(cloud.keys.root.slice(0, 1)),
  ],
  [
    'below threshold: a root of a thief’s own',
    /^untrusted: root was signed by 0\/2 keys/,
    () => {
      cloud.keys.root = [newKey(), newKey(), newKey()];
      cloud.root();
    },
  ],
];

function eachBin(action: (name: string) => void) {
  for (const bin of ['bin-0', 'bin-1', 'bin-2', 'bin-3']) action(`${bin}.json`);
}

const edit = (name: string, change: (text: string) => string) => cloud.write(name, change(cloud.text(name)));

/** Sends as long as somebody listens. */
function endless(response: ServerResponse) {
  const chunk = Buffer.alloc(1024, ' ');
  response.writeHead(200);
  const send = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', send);
  send();
}

describe('a device with a root of trust', () => {
  it.each(ATTACKS)('refuses %s, and the old model serves', async (_, reason, attack) => {
    sign(2);
    attack();
    await site.offer(2, goodModel(2));
    await refuses(2, reason);
    expect(site.cloud.requests).not.toContain('/bess-456/v1.2.0.onnx');
  });

  it('refuses a file that was signed for another site, or for another device of this one', async () => {
    for (const name of [nameOf(2, 'bess-457'), nameOf(2, 'bess-456', 'dev-2')])
      cloud.sign({ name, artifact: artifactOf(goodModel(2)) });
    await site.offer(2, goodModel(2));
    await refuses(2, /^untrusted: nothing is signed for this device/);
  });

  it('refuses another file than the one that is signed, whoever signed the assignment', async () => {
    sign(2, goodModel(1));
    await site.offer(2, goodModel(2));
    await refuses(2, /^untrusted: sha256:\w+ of \d+ bytes is offered, sha256:\w+ of \d+ bytes is signed/);
  });

  it.each([
    ['altered', /^checksum: /, (bytes: Uint8Array) => bytes.map((byte, i) => (i === 200 ? byte ^ 1 : byte))],
    ['truncated', /^size-mismatch: /, (bytes: Uint8Array) => bytes.slice(0, -10)],
  ])('refuses a signed file that comes %s', async (_, reason, damage) => {
    sign(2);
    const served = damage(goodModel(2));
    site.cloud.answers.set('/bess-456/v1.2.0.onnx', (response) => void response.end(served));
    await site.offer(2, goodModel(2));
    await refuses(2, reason);
  });

  it('refuses a signed file that does not end', async () => {
    sign(2);
    site.cloud.answers.set('/bess-456/v1.2.0.onnx', endless);
    await site.offer(2, goodModel(2));
    await refuses(2, /^size-mismatch: more than/);
  });

  it('notes a replayed assignment, one for another site and one beyond all bounds, and answers none', async () => {
    await signAndOffer(5);
    await site.answered(5, 'active');
    const before = site.acks().length;
    const refusal = (value: string) =>
      vi.waitFor(() => expect(site.device.status().report.refused).toMatchObject({ refusal: value }), soon);
    await site.offer(2, goodModel(2));
    await refusal('older-assignment');
    await site.offer(6, goodModel(6), { systemId: 'bess-457' });
    await refusal('wrong-site');
    site.broker.publishDesired(new Uint8Array(300 * 1024));
    await refusal('malformed');
    expect(site.acks()).toHaveLength(before);
    expect(site.device.status().report.running).toMatchObject({ version: '1.5.0' });
  });

  it('goes no further where the metadata leads off its origin', async () => {
    sign(2);
    const elsewhere = await createSite();
    site.cloud.answers.set('/tuf/timestamp.json', (response) =>
      response.writeHead(302, { location: `${elsewhere.cloud.url}/tuf/timestamp.json` }).end(),
    );
    const asked = () => site.cloud.requests.filter((path) => path === '/tuf/timestamp.json').length;
    const before = asked();
    await site.offer(2, goodModel(2));
    await vi.waitFor(() => expect(asked()).toBeGreaterThan(before), soon);
    site.cloud.answers.clear();
    await site.answered(2, 'active');
    expect(elsewhere.cloud.requests).toEqual([]);
    await elsewhere.close();
  });

  it('recovers from versions and a time far ahead, once the thief’s keys are replaced', async () => {
    const ahead = { timestampVersion: 2 ** 31, timestampMs: 3e12, issued: new Date('2090-01-01') };
    sign(2);
    cloud.release(ahead);
    await site.offer(2, goodModel(2));
    await site.answered(2, 'active');
    cloud.setTimestampVersion(5);
    await signAndOffer(3);
    // The thief's time is believed: all that is honest has ended by then.
    const ack = await site.answered(3, 'rejected');
    expect(ack).toMatchObject({
      reason: expect.stringMatching(/expired: it is 2090/),
      runningVersion: '1.2.0',
    });
    cloud.keys.timestamp = newKey();
    cloud.root();
    await signAndOffer(4);
    await site.answered(4, 'active');
  });

  it('follows keys that change hands, and goes back to an older version by a new assignment', async () => {
    const before = [...cloud.keys.root];
    Object.assign(cloud.keys, {
      root: [newKey(), newKey(), newKey()],
      targets: newKey(),
      snapshot: newKey(),
    });
    cloud.root([...before.slice(0, 2), ...cloud.keys.root.slice(0, 2)]);
    await signAndOffer(2);
    await site.answered(2, 'active');
    await site.start({ trust: trust() });
    await site.offer(3, goodModel(1), { version: '1.1.0', deploymentId: 'dep-3' });
    await site.answered(3, 'active');
    expect(site.device.status().report.running).toMatchObject({ version: '1.1.0', assignment: 3 });
  });

  it.each([
    ['has lost its years', '1970-01-01T00:00:00Z', 'active'],
    ['is years ahead', '2060-01-01T00:00:00Z', 'rejected'],
  ])('with a clock that %s installs only what cannot have ended', async (_, now, status) => {
    const clocks = { site: { now: () => new Date(site.now) }, machine: { now: () => new Date(now) } };
    await site.start({ trust: trust(), clocks });
    await signAndOffer(2);
    await site.answered(2, status);
    if (status === 'rejected') await refuses(2, /set this device’s clock/);
  });
});
