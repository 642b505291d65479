import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  checksumOf,
  createSite,
  goodModel,
  HOUR,
  NOW,
  readingsUntil,
  type SiteUnderTest,
  soon,
  thisHour,
} from '../../test/edge/site-under-test.ts';
import { tinyModel } from '../../test/edge/tiny-model.ts';

let site: SiteUnderTest;

beforeEach(async () => {
  site = await createSite();
});
afterEach(() => site.close());

const lastReport = () => site.sent('state').at(-1);

/** The same address with another spelling of its host. */
const spelled = (url: string, host: string) => url.replace('127.0.0.1', host);

describe('a device refuses', () => {
  it.each([
    ['checksum', (bytes: Uint8Array) => bytes.map((byte, i) => (i === 200 ? byte ^ 1 : byte)), {}],
    ['size-mismatch', (bytes: Uint8Array) => bytes.slice(0, -10), {}],
    [
      'too-large',
      (bytes: Uint8Array) => bytes,
      { artifact: { checksum: checksumOf(goodModel(2)), size: 1e9 } },
    ],
    [
      'wrong-version',
      () => goodModel(3),
      { artifact: { checksum: checksumOf(goodModel(3)), size: goodModel(3).length } },
    ],
  ])('given a file that is refused for %s, then the old model stays', async (code, served, changed) => {
    await site.startWithFirst();
    site.cloud.answer = (_, response) => {
      site.cloud.answer = null;
      const bytes = served(goodModel(2));
      response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    };
    await site.offer(2, goodModel(2), changed);
    expect(await site.answered(2, 'rejected')).toMatchObject({
      reason: expect.stringMatching(new RegExp(`^${code}: `)),
      runningVersion: '1.1.0',
    });
    expect(site.active()).toBe(checksumOf(goodModel(1)));
  });

  it.each([
    ['wrong-site', () => tinyModel({ version: '1.2.0', systemId: 'bess-457' })],
    ['unknown-layout', () => tinyModel({ version: '1.2.0', layout: '{"version":99}' })],
    ['unusable-model', () => new TextEncoder().encode('this is no model at all')],
  ])(
    'given a file that turns out to be of %s, then it is rejected before it takes any place',
    async (code, build) => {
      await site.startWithFirst();
      await site.offer(2, build());
      expect(await site.answered(2, 'rejected')).toMatchObject({ reason: expect.stringContaining(code) });
      expect(site.active()).toBe(checksumOf(goodModel(1)));
      expect(() => site.previous()).toThrow();
    },
  );

  it('given too little history here and in the cloud, then the model is rejected for it', async () => {
    site.cloud.readings = readingsUntil(thisHour, 48);
    await site.start();
    await site.offer(1, goodModel(1));
    expect(await site.answered(1, 'rejected')).toMatchObject({
      reason: expect.stringMatching(/^no-history: /),
    });
  });

  it('given a newer assignment, when an older one comes again, then it is refused and nothing changes', async () => {
    await site.start();
    await site.offer(5, goodModel(5));
    await site.answered(5, 'active');
    await site.offer(4, goodModel(4));
    await vi.waitFor(
      () => expect(lastReport()).toMatchObject({ refused: { refusal: 'older-assignment' } }),
      soon,
    );
    expect(site.acks().every((ack) => ack['assignment'] === 5)).toBe(true);
  });

  it.each([
    ['wrong-site', { systemId: 'bess-457' }],
    ['wrong-device', { deviceId: 'dev-2' }],
  ])(
    'given an assignment for another addressee (%s), then it is noted and not answered',
    async (refusal, changed) => {
      await site.startWithFirst();
      await site.offer(2, goodModel(2), changed);
      await vi.waitFor(() => expect(lastReport()).toMatchObject({ refused: { refusal } }), soon);
      expect(site.acks().some((ack) => ack['assignment'] === 2)).toBe(false);
    },
  );

  it('counts a refused desired state each time that it comes', async () => {
    const refused = (times: number) =>
      vi.waitFor(() => {
        const { counts, refusals } = site.device.status().logged;
        expect(counts['refused-desired']).toBe(times);
        expect(refusals).toMatchObject([
          { from: 'desired', reason: expect.stringMatching(/^wrong-site: /), times },
        ]);
      }, soon);
    await site.startWithFirst();
    await site.offer(2, goodModel(2), { systemId: 'bess-457' });
    await refused(1);
    const reports = site.sent('state').length;
    site.broker.publishDesired(site.broker.desired ?? null);
    await refused(2);
    site.broker.comeBack();
    await refused(3);
    const repeated = site
      .sent('state')
      .slice(reports)
      .filter(({ refused: again }) => again === null);
    expect(repeated).toEqual([]);
  });

  it.each<[string, string, (url: string) => string]>([
    ['a pickle', 'unsupported-format', (url) => `${url}/bess-456/v1.2.0.pkl`],
    ['another host', 'foreign-origin', () => 'https://elsewhere.example.com/bess-456/v1.2.0.onnx'],
    ['another port', 'foreign-origin', (url) => `${url.replace(/\d+$/, '9')}/bess-456/v1.2.0.onnx`],
    ['the machine itself by number', 'foreign-origin', (url) => `${spelled(url, '2130706433')}/v1.2.0.onnx`],
    ['the machine itself in short', 'foreign-origin', (url) => `${spelled(url, '127.1')}/v1.2.0.onnx`],
    [
      'the machine itself by IPv6',
      'foreign-origin',
      (url) => `${spelled(url, '[::ffff:7f00:1]')}/v1.2.0.onnx`,
    ],
    ['the cloud’s metadata service', 'foreign-origin', () => 'http://169.254.169.254/latest/v1.2.0.onnx'],
    ['our host as a user name', 'foreign-origin', (url) => `${url}@10.0.0.1/bess-456/v1.2.0.onnx`],
    ['a step up', 'foreign-origin', (url) => `${url}/bess-456/../bess-457/v1.2.0.onnx`],
    ['a file', 'foreign-origin', () => 'file:///data/models/forecast.onnx'],
  ])('given an address of %s, then nothing is asked, and the old model serves', async (_, code, address) => {
    await site.startWithFirst();
    const asked = site.cloud.requests.length;
    await site.offer(2, goodModel(2), { url: address(site.cloud.url) });
    expect(await site.answered(2, 'rejected')).toMatchObject({
      reason: expect.stringMatching(new RegExp(`^${code}: `)),
      runningVersion: '1.1.0',
    });
    expect(site.cloud.requests).toHaveLength(asked);
    expect(site.active()).toBe(checksumOf(goodModel(1)));
  });

  it('given a server that sends the download elsewhere, then nobody is followed, and the old model serves', async () => {
    await site.startWithFirst();
    const elsewhere = await createSite();
    elsewhere.cloud.files.set('/bess-456/v1.2.0.onnx', goodModel(2));
    site.cloud.answers.set('/bess-456/v1.2.0.onnx', (response) =>
      response.writeHead(302, { location: `${elsewhere.cloud.url}/bess-456/v1.2.0.onnx` }).end(),
    );
    await site.offer(2, goodModel(2));
    await vi.waitFor(() => expect(site.cloud.requests).toContain('/bess-456/v1.2.0.onnx'), soon);
    site.now = NOW + 8 * 24 * HOUR;
    expect(await site.answered(2, 'rejected')).toMatchObject({
      reason: expect.stringMatching(/^expired: .*redirect/),
      runningVersion: '1.1.0',
    });
    expect(elsewhere.cloud.requests).toEqual([]);
    expect(site.active()).toBe(checksumOf(goodModel(1)));
    await elsewhere.close();
  });

  it('leaves out hours of another unit that the cloud keeps, and says so', async () => {
    site.cloud.readings = readingsUntil(thisHour, 60 * 24).map((reading, i) => {
      const factor = i >= 1_420 ? 1_000 : i >= 1_400 ? 0.001 : 1;
      return { ...reading, loadKw: factor * (reading.loadKw ?? 0) };
    });
    await site.start();
    await vi.waitFor(() => expect(site.device.status().report.historyHours).toBe(720 - 40), soon);
    expect(site.device.status().logged.refusals[0]).toMatchObject({
      from: 'readings',
      reason: expect.stringMatching(/^implausible: 40 readings, .*send kW, not MW/),
    });
  });

  it('refuses readings that are none, and those of hours that are not over', async () => {
    await site.start();
    expect(() => site.device.recordReadings([{ hour: 'now', loadKw: 1 }])).toThrow(/malformed readings/);
    expect(() =>
      site.device.recordReadings([{ hour: '2026-03-02T10:00:00Z', loadKw: Number.NaN }]),
    ).toThrow();
    expect(site.device.recordReadings([{ hour: '2026-03-02T12:00:00Z', loadKw: 1 }])).toMatchObject({
      changed: 0,
      refused: [{ code: 'not-over' }],
    });
  });
});
