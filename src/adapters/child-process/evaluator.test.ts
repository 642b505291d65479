import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { tinyModel } from '../../../test/edge/tiny-model.ts';
import type { ReadingsEvaluation } from '../../forecasting/evaluate-readings.ts';
import { EvaluationRefused } from '../../ports/evaluator.ts';
import { createProcessEvaluator } from './evaluator.ts';
import { OrderFailed } from './run-order.ts';

const HOUR = 3_600_000;
const HISTORY_DAYS = 40;
const DAYS = 31;
/** Midnight in São Paulo, before the first day's history. */
const FROM = Date.parse('2026-01-20T03:00:00Z');
const HOURS = (HISTORY_DAYS + DAYS + 2) * 24;

const real = new URL('../../main/evaluation-process.ts', import.meta.url);
const stub = new URL('./fixtures/stub-evaluation.ts', import.meta.url);
const logger = pino({ level: 'silent' });
const never = new AbortController().signal;
const folder = mkdtempSync(join(tmpdir(), 'evaluator-'));

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const evaluator of open.splice(0)) await evaluator.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newEvaluator = (entry: URL) => {
  const evaluator = createProcessEvaluator({ entry, logger });
  open.push(evaluator);
  return evaluator;
};

/** The same load every week, which is what the tiny model forecasts. */
const weekly = (i: number): number => 200 + 100 * Math.sin(i % 24) + (i % 168);

const requestOf = (artifact: Uint8Array | string, load = weekly): ReadingsEvaluation => ({
  systemId: 'bess-456',
  artifact: typeof artifact === 'string' ? new TextEncoder().encode(artifact) : artifact,
  zone: 'America/Sao_Paulo',
  ibgeCode: '3550308',
  readings: Array.from({ length: HOURS }, (_, i) => ({ hour: FROM + i * HOUR, loadKw: load(i) })),
  from: FROM,
  to: FROM + HOURS * HOUR,
  startDate: '2026-03-01',
  endDate: '2026-03-31',
});

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('an evaluation process', () => {
  it('answers, and its parent never loads ONNX Runtime', async () => {
    const progress: unknown[] = [];
    const request = requestOf(tinyModel({ version: '1.0.0' }));
    const answer = await newEvaluator(real).evaluate(request, never, (step) => progress.push(step));
    expect(progress.at(-1)).toEqual({ daysDone: DAYS, days: DAYS });
    expect(answer).toMatchObject({
      metrics: { mape: expect.closeTo(0, 6), hours: DAYS * 48 },
      ...{ accuracy24h: 1, accuracy48h: 1, origins: DAYS, skippedOrigins: 0, missingHours: 0 },
    });
    const { sharedObjects } = process.report.getReport() as { readonly sharedObjects?: readonly string[] };
    expect(sharedObjects?.length).toBeGreaterThan(0);
    expect(sharedObjects?.join()).not.toContain('onnxruntime');
  });

  it.each([
    ['unusable-model', requestOf('no model')],
    ['unknown-layout', requestOf(tinyModel({ version: '1.0.0', layout: '{"version":99}' }))],
    [
      'nothing-to-score',
      { ...requestOf(tinyModel({ version: '1.0.0' })), startDate: '2025-01-01', endDate: '2025-01-02' },
    ],
    ['constant-load', requestOf(tinyModel({ version: '1.0.0' }), () => 100)],
  ])('refuses by type: %s', async (code, request) => {
    const refusal = newEvaluator(real).evaluate(request, never);
    await expect(refusal).rejects.toThrow(EvaluationRefused);
    await expect(refusal).rejects.toMatchObject({ code });
  });

  it.each([
    ['throws', 'TypeError: a planted mistake', {}],
    ['exits', 'its process ended with exit code 7', { exitCode: 7, exitSignal: null }],
    ['aborts', 'its process ended with signal SIGABRT', { exitCode: null, exitSignal: 'SIGABRT' }],
  ])('that %s may be tried again, and says what happened', async (behaviour, message, ending) => {
    const failure = newEvaluator(stub).evaluate(requestOf(behaviour), never);
    await expect(failure).rejects.toThrow(OrderFailed);
    await expect(failure).rejects.toThrow(`evaluation of bess-456 failed: ${message}`);
    await expect(failure).rejects.toMatchObject({ systemId: 'bess-456', ...ending });
  });
});

describe('evaluations that never end by themselves', () => {
  const evaluator = () => {
    const all = newEvaluator(stub);
    const spin = (name: string) => {
      const file = join(folder, name);
      const controller = new AbortController();
      const evaluation = all.evaluate(requestOf(`spins ${file}`), controller.signal);
      evaluation.catch(() => undefined);
      return { file, evaluation, cancel: () => controller.abort(new Error(`${name} cancelled`)) };
    };
    return { all, spin };
  };
  const pidIn = (file: string) =>
    vi.waitFor(
      () => {
        const pid = Number(readFileSync(file, 'utf8'));
        expect(pid).toBeGreaterThan(0);
        return pid;
      },
      { timeout: 10_000, interval: 10 },
    );

  it('run two at a time, leave their parent free and make room when cancelled', async () => {
    const { spin } = evaluator();
    const [first, second, third, fourth] = [spin('first'), spin('second'), spin('third'), spin('fourth')];
    const pids = [await pidIn(first.file), await pidIn(second.file)];
    third.cancel();
    await expect(third.evaluation).rejects.toThrow('third cancelled');
    expect(() => readFileSync(fourth.file)).toThrow('ENOENT');
    first.cancel();
    await expect(first.evaluation).rejects.toThrow('first cancelled');
    expect(pids.map(isAlive)).toEqual([false, true]);
    expect(isAlive(await pidIn(fourth.file))).toBe(true);
    expect(() => readFileSync(third.file)).toThrow('ENOENT');
  });

  it('end with their evaluator, which then takes no more', async () => {
    const { all, spin } = evaluator();
    const [first, second, waiting] = [spin('one'), spin('two'), spin('three')];
    const pids = [await pidIn(first.file), await pidIn(second.file)];
    await all.close();
    expect(pids.map(isAlive)).toEqual([false, false]);
    for (const { evaluation } of [first, second, waiting, spin('four')]) {
      await expect(evaluation).rejects.toThrow('the evaluator is closed');
    }
  });
});
