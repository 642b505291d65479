import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS } from '../src/forecasting/series.ts';
import { simulateLoad } from '../src/forecasting/simulation/simulate-load.ts';
import forecastQuality from './forecast-quality.ts';
import { parsePeers } from './quality/peer-file.ts';
import { recordingContext } from './support/recording-context.ts';

const FROM = Date.UTC(2026, 2, 1, 3);
const PEERS = `series,fold,model,cpu_s,mape,wape,rmse,mase,mape_1_24,wape_1_24,mape_25_48,wape_25_48,job_cpu_s,peak_days,peak_top1,peak_top2,peak_captured
plant,0,ridge,0.05,30,30,30,3,30,30,30,30,0.1,13,5,8,9
plant,0,ensemble_prior,,40,40,40,4,40,40,40,40,,13,4,6,7
plant,1,ridge,0.05,30,30,30,3,30,30,30,30,0.1,13,5,8,9
`;

let folder = '';

/** Rows of a simulated plant, half an hour apart when `perHour` is 2; every 50th is missing. */
function csvOf(days: number, perHour: number): string {
  const readings = simulateLoad({ seed: 7, zone: 'America/Sao_Paulo', from: FROM, hours: days * 24 });
  const rows = readings.flatMap(({ hour, loadKw }, i) =>
    i % 50 === 49
      ? []
      : Array.from({ length: perHour }, (_, k) => {
          const at = new Date(hour + (k * HOUR_MS) / perHour).toISOString().replace('.000', '');
          return `${at},${loadKw}`;
        }),
  );
  return ['timestamp_utc,load_kw', ...rows, ''].join('\n');
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lifo4-ml-quality-'));
  await writeFile(join(folder, 'plant.csv'), csvOf(48, 2));
  await writeFile(join(folder, 'short.csv'), csvOf(20, 1));
  await writeFile(join(folder, 'strange.csv'), 'when;kilowatts\n1;2\n');
  await writeFile(join(folder, 'zones.csv'), 'series,zone,country\nplant,America/Sao_Paulo,BR\n');
  await writeFile(join(folder, 'peers.csv.txt'), PEERS);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('forecast-quality', () => {
  it('scores every model beside peers, and says and counts what it cannot measure', async () => {
    const plot = join(folder, 'plot.html');
    const recorded = recordingContext(forecastQuality, {
      ...{ data: folder, folds: '1', window: '30', plot, peers: join(folder, 'peers.csv.txt') },
    });
    await forecastQuality.run(recorded.context);

    const { figures, rows, lines } = recorded;
    expect(figures).toMatchObject({ folds_measured: 1, folds_skipped: 1, folds_refused: 1, folds_failed: 0 });
    for (const model of [
      'ensemble',
      'documented',
      'lstm',
      'xgboost',
      'prophet',
      'linear',
      'arima',
      'naive168',
    ]) {
      expect(figures[`wape_${model}`], model).toBeGreaterThan(0);
      expect(figures[`peak_load_captured_${model}`], model).toBeGreaterThanOrEqual(0);
    }
    expect(figures['wape_ensemble']).toBeLessThan(figures['wape_naive24'] ?? 0);
    expect(figures['coverage90_plant']).toBe(figures['coverage90']);
    expect(figures['ensemble_wape_vs_ridge']).toBeCloseTo((figures['wape_ensemble'] ?? 0) / 30, 6);
    expect(figures['documented_wape_vs_ensemble_prior']).toBeCloseTo(
      (figures['wape_documented'] ?? 0) / 40,
      6,
    );
    expect(figures['rank_with_peers_peer_ensemble_prior']).toBe(rows.length + 2);
    expect(figures['peak_load_captured_peer_ridge']).toBeCloseTo(9 / 13);
    expect(rows.map(({ model }) => model)).toContain('ensemble');
    expect(rows.every(({ wape, wape_1_24: near }) => Number(wape) > 0 && Number(near) > 0)).toBe(true);
    expect(lines.join('\n')).toMatch(/strange: refused: [\s\S]*short 0, 30 days: skipped/);
    expect(lines.join('\n')).toContain('plant: Rows 30 min apart were averaged to hours.');
    const page = await readFile(plot, 'utf8');
    expect(page.match(/<svg/g)).toHaveLength(5);
    expect(page).not.toMatch(/NaN|undefined|https?:/);
  }, 60_000);

  it('refuses a folder that is not there', async () => {
    const { context } = recordingContext(forecastQuality, { data: join(folder, 'nowhere') });
    await expect(forecastQuality.run(context)).rejects.toThrow('--data must name a folder');
  });
});

describe('a file of peers', () => {
  it('is read as the Python side writes it', () => {
    const rows = parsePeers(PEERS);
    expect(rows).toHaveLength(3);
    expect(rows[1]).toMatchObject({
      series: 'plant',
      fold: 0,
      model: 'ensemble_prior',
      wape: 40,
      peak_captured: 7,
    });
    expect(rows[1]).not.toHaveProperty('cpu_s');
  });

  it('has the columns that the Python side names', () => {
    const source = readFileSync(new URL('./peers/run.py', import.meta.url), 'utf8');
    const listed = source.slice(source.indexOf('COLUMNS = ['), source.indexOf('def say'));
    const columns = [...listed.matchAll(/"(\w+)"/g)].map(([, name]) => name);
    expect(columns.join()).toBe(PEERS.split('\n')[0]);
  });

  it('is refused with its row when it holds something else', () => {
    expect(() => parsePeers('series,fold,model,wape\na,0,ridge,4\na,b,ridge,4\n')).toThrow(/row 3 .*fold/);
  });
});
