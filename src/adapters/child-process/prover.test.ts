import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { tinyModel } from '../../../test/edge/tiny-model.ts';
import { createLayout } from '../../forecasting/features/layout.ts';
import { type ModelProver, ProofDisturbed, ProofFailed, type ProofOrder } from '../../ports/model-prover.ts';
import { createProcessProver } from './prover.ts';
import { OrderFailed } from './run-order.ts';

const real = new URL('../../main/proof-process.ts', import.meta.url);
const hostile = new URL('./fixtures/hostile-proof.ts', import.meta.url);
const logger = pino({ level: 'silent' });
const never = new AbortController().signal;
const { width } = createLayout({ temperature: false, eventFlags: [] });

const open: ModelProver[] = [];
afterEach(async () => {
  for (const prover of open.splice(0)) await prover.close();
});

const proverOf = (entry: URL, proofMs?: number): ModelProver => {
  const prover = createProcessProver({ entry, logger, ...(proofMs === undefined ? {} : { proofMs }) });
  open.push(prover);
  return prover;
};

const order = (bytes: Uint8Array | string): ProofOrder => ({
  systemId: 'bess-456',
  bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes,
  row: new Float32Array(width).fill(100),
  plausible: { fromKw: 0, toKw: 1000 },
});

describe('a proof in a process of its own', () => {
  it('measures a model that is as it should be', async () => {
    const proof = await proverOf(real).prove(order(tinyModel({ version: '1.0.0' })), never);
    expect(proof).toEqual({ inferenceMs: expect.any(Number), memoryMb: expect.any(Number) });
    expect(proof.memoryMb).toBeLessThan(100);
  });

  it.each<[string, Uint8Array, string]>([
    ['answers no numbers', tinyModel({ version: '1.0.0', factor: Number.NaN }), 'is no number'],
    ['answers what the site never showed', tinyModel({ version: '1.0.0', factor: 100 }), 'beyond what'],
    ['computes other values than at the trainer', tinyModel({ version: '1.0.0', golden: 2 }), 'the trainer'],
    ['asks for more memory than there is', tinyModel({ version: '1.0.0', bomb: 2 ** 20 }), 'cannot be run'],
    ['is no model', new TextEncoder().encode('no model'), 'not an ONNX file'],
  ])('refuses one that %s', async (_, bytes, message) => {
    const refusal = proverOf(real).prove(order(bytes), never);
    await expect(refusal).rejects.toThrow(ProofFailed);
    await expect(refusal).rejects.toThrow(message);
  });

  it('takes golden rows that come out as at the trainer', async () => {
    await proverOf(real).prove(order(tinyModel({ version: '1.0.0', golden: 1 })), never);
  });

  it.each([
    ['spins', 'computed for seconds without an end'],
    ['sleeps', 'not through its proof after 0.3 s'],
    ['floods', 'took its process down'],
    ['exits', 'took its process down'],
    ['aborts', 'took its process down'],
    ['passes the limit', 'took its process down'],
  ])('outlives one that %s', async (behaviour, message) => {
    const proofMs = behaviour === 'sleeps' ? 300 : 60_000;
    const failure = proverOf(hostile, proofMs).prove(order(behaviour), never);
    await expect(failure).rejects.toThrow(ProofFailed);
    await expect(failure).rejects.toThrow(message);
  });

  it.each([
    ['is killed', 'SIGKILL'],
    ['is stopped', 'SIGTERM'],
  ])('says nothing about a model whose process %s', async (behaviour, signal) => {
    const failure = proverOf(hostile).prove(order(behaviour), never);
    await expect(failure).rejects.toThrow(`ended from outside (${signal})`);
    await expect(failure).rejects.toThrow(ProofDisturbed);
  });

  it('says nothing about a model when it was broken off, or no process could be had', async () => {
    const stop = new AbortController();
    const proof = proverOf(hostile).prove(order('spins'), stop.signal);
    stop.abort(new Error('the device is being switched off'));
    await expect(proof).rejects.toThrow('switched off');
    const nowhere = new URL('./fixtures/no-such-file.ts', import.meta.url);
    await expect(proverOf(nowhere).prove(order('sleeps'), never)).rejects.toThrow(OrderFailed);
  });
});
