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
