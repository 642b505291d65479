import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { csvOf, type Ended, lifo4, plant, START, stamp } from './fixtures/program.ts';

const folder = mkdtempSync(join(tmpdir(), 'lifo4-ml-cli-'));
const out = join(folder, 'lifo4-out', 'plant-7');
const model = join(out, 'forecast.onnx');
const DAY_MS = 24 * 3_600_000;
const day = (n: number): string => stamp(START + n * DAY_MS).slice(0, 10);

let trained: Ended;
beforeAll(async () => {
  writeFileSync(join(folder, 'Plant 7.csv'), csvOf(plant(44)));
  trained = await lifo4(['train', '--csv', 'Plant 7.csv', '--to', day(36), '--window', '36'], { folder });
}, 180_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const json = (text: string) => JSON.parse(text);

describe('lifo4-ml train', { timeout: 120_000 }, () => {
  it('prints models beside naive forecasts and the verdict, and plain lines of progress', () => {
    expect(trained.err).toContain('linear refit: done');
    expect(trained.err).not.toContain('\u001b');
    expect(trained.code).toBe(0);
    for (const name of ['ensemble', 'linear', 'lstm', 'xgboost', 'prophet', 'last week']) {
      expect(trained.out).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    }
    expect(trained.out).toMatch(/the gate would (deploy|keep)/);
  });

  it('writes model, report and result, whole, and nothing else', () => {
    expect(readdirSync(join(folder, 'lifo4-out'))).toEqual(['plant-7']);
    expect(readdirSync(out).sort()).toEqual(['forecast.onnx', 'models', 'report.html', 'result.json']);
    // The ensemble, which was asked for, is forecast.onnx.
    const singles = ['linear', 'lstm', 'profile', 'prophet', 'xgboost'].map((name) => `${name}.onnx`);
    expect(readdirSync(join(out, 'models')).sort()).toEqual(singles);
    const result = json(readFileSync(join(out, 'result.json'), 'utf8'));
    expect(result).toMatchObject({
      systemId: 'plant-7',
      seed: 1,
      zone: 'America/Sao_Paulo',
      data: { hours: 36 * 24 },
    });
    expect(result.artifact.size).toBe(statSync(model).size);
    expect(result.models[0].leads1to24.mape).toBeGreaterThan(0.5);
    const report = readFileSync(join(out, 'report.html'), 'utf8');
    expect(report).toContain(result.artifact.checksum);
    expect(report).toContain('The gate would');
    expect(report).not.toMatch(/(src|href)=|https?:/);
  });

  it('lets evaluate compare it with days that it has not seen, as the service answers', async () => {
    const args = [
      'evaluate',
      '--csv',
      'Plant 7.csv',
      '--model',
      model,
      '--json',
      '--report',
      'evaluation.html',
    ];
    const { code, out: text } = await lifo4(args, { folder });
    expect(code).toBe(0);
    const answer = json(text);
    expect(answer).toMatchObject({ startDate: day(37), endDate: day(43), inSampleHours: 0, origins: 7 });
    expect(answer.mape).toBeGreaterThan(0.5);
    expect(answer.mape).toBeLessThan(answer.baselines.naive24.leads1to48.mape);
    expect(answer.worstHours).toHaveLength(3);
    expect(readFileSync(join(folder, 'evaluation.html'), 'utf8')).toContain(
      'Evaluation of plant-7 1.0.0 (ensemble)',
    );
  });

  it('lets predict forecast 48 hours from any time, seeing nothing later', async () => {
    const args = ['predict', '--csv', 'Plant 7.csv', '--model', model, '--at', day(30)];
    const { code, out: text } = await lifo4([...args, '--format', 'csv'], { folder });
    expect(code).toBe(0);
    const lines = text.trim().split('\n');
    expect(lines).toHaveLength(49);
    expect(lines[0]).toBe('timestamp_utc,load_kw,lower_kw,upper_kw,peak_probability_pct');
    expect(lines[1]).toMatch(new RegExp(`^${stamp(START + 30 * DAY_MS)},`));
    writeFileSync(join(folder, 'early.csv'), csvOf(plant(30)));
    const early = ['predict', '--csv', 'early.csv', '--model', model, '--format', 'csv'];
    expect((await lifo4(early, { folder })).out).toBe(text);
  });

  it('refuses a file that is cut off, of another layout, or of another site', async () => {
    const bytes = readFileSync(model);
    writeFileSync(join(folder, 'cut.onnx'), bytes.subarray(0, bytes.length / 2));
    const at = bytes.indexOf('{"version":1,');
    bytes.write('{"version":7,', at);
    writeFileSync(join(folder, 'newer.onnx'), bytes);
    const predict = (...args: string[]) =>
      lifo4(['predict', '--csv', 'Plant 7.csv', '--model', ...args], { folder });
    const [cut, newer, other] = await Promise.all([
      predict('cut.onnx'),
      predict('newer.onnx'),
      predict(model, '--system', 'plant-8'),
    ]);
    expect([cut, newer, other].map(({ code }) => code)).toEqual([1, 1, 1]);
    expect(cut.err).toMatch(/^lifo4-ml: cut.onnx: not an ONNX file/m);
    expect(newer.err).toContain('version 7');
    expect(other.err).toContain('this model is of site plant-7, not of plant-8');
  });
});

describe('Ctrl-C', { timeout: 120_000 }, () => {
  it('ends a training with exit code 130 and leaves nothing behind', async () => {
    const args = ['train', '--csv', 'Plant 7.csv', '--out', 'deep/er/plant'];
    const ended = await lifo4(args, { folder, signal: 'SIGINT', when: /linear fit/ });
    expect(ended.code).toBe(130);
    expect(ended.err).toContain('lifo4-ml: cancelled; nothing was written\n');
    expect(readdirSync(folder)).not.toContain('deep');
  });
});
