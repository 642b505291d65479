import fc from 'fast-check';
import { generateKeyPair } from 'jose';
import { describe, expect, it } from 'vitest';
import { type AssignmentRules, buildAssignment, type ModelOffer, parseAssignment } from './assignment.ts';
import { signMessage } from './signature.ts';
import { encodeMessage } from './wire.ts';

const { privateKey, publicKey } = await generateKeyPair('ES256');
const stranger = await generateKeyPair('ES256');
const signer = { kid: 'k1', key: privateKey };

const rules: AssignmentRules = {
  systemId: 'bess-456',
  deviceId: 'dev-1',
  keys: new Map([['k1', publicKey]]),
  origins: ['https://models.example.com'],
  floor: 0,
  now: new Date('2026-01-05T06:00:00Z'),
};
const offer: ModelOffer = {
  systemId: 'bess-456',
  deviceId: 'dev-1',
  deploymentId: 'dep-1',
  assignment: 7,
  version: '1.3.0',
  modelType: 'ensemble',
  artifact: { checksum: `sha256:${'ab'.repeat(32)}`, size: 1234 },
  accuracy: { mape: 0.031, rmse: 44.2 },
  url: 'https://models.example.com/bess-456/v1.3.0.onnx',
  expires: '2026-01-12T06:00:00Z',
};
const read = async (bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes));
const parse = (bytes: Uint8Array, changed: Partial<AssignmentRules> = {}) =>
  parseAssignment(bytes, { ...rules, ...changed });

describe('assignment', () => {
  it('carries the documented fields, accuracy in percent', async () => {
    const message = await read(await buildAssignment(offer, signer));
    expect(message).toMatchObject({
      version: '1.3.0',
      modelType: 'ensemble',
      url: offer.url,
      checksum: offer.artifact.checksum,
      accuracy: { mape: 3.1, rmse: 44.2 },
    });
  });

  it('is read back as it was offered', async () => {
    const { artifact, deploymentId, assignment, version, modelType, url, expires } = offer;
    expect(await parse(await buildAssignment(offer, signer))).toEqual({
      artifact,
      deploymentId,
      assignment,
      version,
      modelType,
      url,
      expires,
    });
  });

  it('holds however the keys are ordered, and with fields that this program does not know yet', async () => {
    const message = await signMessage(
      { ...(await read(await buildAssignment(offer, signer))), manifest: { b: 1, a: [2] } },
      'lifo4-assignment',
      signer,
    );
    const reversed = Object.fromEntries(Object.entries(message).reverse());
    await expect(parse(encodeMessage(reversed))).resolves.toMatchObject({ deploymentId: 'dep-1' });
    await expect(parse(encodeMessage({ ...message, manifest: { b: 1 } }))).rejects.toMatchObject({
      refusal: 'bad-signature',
    });
  });

  const offered = (changed: Partial<ModelOffer>) => buildAssignment({ ...offer, ...changed }, signer);
  it.each([
    ['wrong-site', () => offered({ systemId: 'bess-457' }), {}],
    ['wrong-device', () => offered({ deviceId: 'dev-2' }), {}],
    ['expired', () => offered({}), { now: new Date('2026-01-12T06:00:00Z') }],
    ['older-assignment', () => offered({}), { floor: 8 }],
    ['unsupported-format', () => offered({ url: 'https://models.example.com/bess-456/v1.3.0.pkl' }), {}],
    ['foreign-origin', () => offered({ url: 'https://evil.example.com/bess-456/v1.3.0.onnx' }), {}],
    ['foreign-origin', () => offered({ url: 'https://models.example.com@evil.example.com/v.onnx' }), {}],
    ['foreign-origin', () => offered({ url: 'https://u:p@models.example.com/bess-456/v1.3.0.onnx' }), {}],
    ['foreign-origin', () => offered({ url: 'http://models.example.com/bess-456/v1.3.0.onnx' }), {}],
    ['foreign-origin', () => offered({ url: 'file:///data/models/x.onnx' }), {}],
    ['bad-signature', () => buildAssignment(offer, { kid: 'k1', key: stranger.privateKey }), {}],
    ['bad-signature', () => buildAssignment(offer, { kid: 'k2', key: privateKey }), {}],
  ] as const)('refuses with %s', async (refusal, build, changed) => {
    await expect(parse(await build(), changed)).rejects.toMatchObject({ name: 'AssignmentRefused', refusal });
  });

  it.each([
    ['the origin in capitals', 'https://MODELS.example.com/bess-456/v1.3.0.onnx'],
    ['another port', 'https://models.example.com:8443/bess-456/v1.3.0.onnx'],
    ['its own port spelt out', 'https://models.example.com:443/bess-456/v1.3.0.onnx'],
    ['a password alone', 'https://:p@models.example.com/bess-456/v1.3.0.onnx'],
    ['an empty login', 'https://@models.example.com/bess-456/v1.3.0.onnx'],
    ['a dot behind the host', 'https://models.example.com./bess-456/v1.3.0.onnx'],
    ['the loopback address', 'https://127.0.0.1/bess-456/v1.3.0.onnx'],
    ['loopback as one number', 'https://2130706433/bess-456/v1.3.0.onnx'],
    ['loopback in IPv6', 'https://[::1]/bess-456/v1.3.0.onnx'],
    ['loopback as IPv4 in IPv6', 'https://[::ffff:127.0.0.1]/bess-456/v1.3.0.onnx'],
    ['the metadata service of a cloud', 'http://169.254.169.254/latest/v1.3.0.onnx'],
    ['a way up', 'https://models.example.com/bess-456/../other/v1.3.0.onnx'],
    ['an encoded way up', 'https://models.example.com/bess-456/%2e%2e/other/v1.3.0.onnx'],
    ['an encoded slash', 'https://models.example.com/bess-456%2fv1.3.0.onnx'],
    ['a backslash', 'https://models.example.com\\bess-456\\v1.3.0.onnx'],
    ['two slashes', 'https://models.example.com//bess-456/v1.3.0.onnx'],
    ['a line break', 'https://models.example.com/bess-456/\nv1.3.0.onnx'],
    ['a space', ' https://models.example.com/bess-456/v1.3.0.onnx'],
    ['a query', 'https://models.example.com/bess-456/v1.3.0.onnx?to=https://evil.example.com/'],
    ['a fragment', 'https://models.example.com/bess-456/v1.3.0.onnx#x'],
    ['no scheme', '//models.example.com/bess-456/v1.3.0.onnx'],
  ])('takes no address with %s', async (_, url) => {
    await expect(parse(await offered({ url }))).rejects.toMatchObject({ refusal: 'foreign-origin' });
  });

  it('takes a local address in IPv6 and a path in front where they are its own', async () => {
    const url = 'http://[::1]:8420/models/bess-456/v1.3.0/xgboost.onnx';
    await expect(parse(await offered({ url }), { origins: ['http://[::1]:8420'] })).resolves.toMatchObject({
      url,
    });
  });

  it('takes the assignment that it has as no refusal', async () => {
    await expect(parse(await offered({}), { floor: 7 })).resolves.toMatchObject({ assignment: 7 });
  });

  it('says what is wrong with the pickled model of an older cloud, which signs nothing', async () => {
    const legacy = { version: '1.3.0', url: 'https://models.lifo4.com.br/bess-456/v1.3.0.pkl' };
    await expect(parse(encodeMessage(legacy))).rejects.toMatchObject({
      refusal: 'unsupported-format',
      assignment: null,
    });
  });

  it('does not take a configuration for an assignment', async () => {
    const { signature: _, ...plain } = await read(await buildAssignment(offer, signer));
    const message = await signMessage(plain, 'lifo4-config', signer);
    await expect(parse(encodeMessage(message))).rejects.toMatchObject({ refusal: 'bad-signature' });
  });

  /** Another character near the end; the very last one of a signature has spare bits that mean nothing. */
  const flipped = (text: string) => `${text.slice(0, -3)}${text.at(-3) === '0' ? '1' : '0'}${text.slice(-2)}`;

  it('refuses any change of any field', async () => {
    const message = await read(await buildAssignment(offer, signer));
    for (const field of Object.keys(message)) {
      const value = message[field];
      const changed = typeof value === 'number' ? value + 1 : flipped(`${value}`);
      await expect(parse(encodeMessage({ ...message, [field]: changed }))).rejects.toMatchObject({
        name: 'AssignmentRefused',
      });
    }
  });

  it('refuses every other bytes without falling over', async () => {
    const good = await buildAssignment(offer, signer);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.json().map((text) => new TextEncoder().encode(text)),
          fc.nat(good.length - 1).map((cut) => good.slice(0, cut)),
        ),
        async (bytes) => {
          await expect(parse(bytes)).rejects.toMatchObject({ name: 'AssignmentRefused' });
        },
      ),
      { numRuns: 100 },
    );
    await expect(parse(new Uint8Array(300 * 1024))).rejects.toMatchObject({ refusal: 'malformed' });
  });
});
