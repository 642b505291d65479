import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import pino from 'pino';
import { createProcessTrainer } from '../../src/adapters/child-process/trainer.ts';
import type { Calendar } from '../../src/forecasting/calendar/calendar.ts';
import { createSiteCalendar } from '../../src/forecasting/calendar/site-calendar.ts';
import { cleanReadings } from '../../src/forecasting/cleaning/clean.ts';
import type { HourReading } from '../../src/forecasting/cleaning/readings.ts';
import { readLoadCsv } from '../../src/forecasting/csv/load-csv.ts';
import { encodeDataSet } from '../../src/forecasting/data-set.ts';
import { HOUR_MS } from '../../src/forecasting/series.ts';
import { simulateLoad } from '../../src/forecasting/simulation/simulate-load.ts';
import type { TrainingProgress, TrainingRequest, TrainingResult } from '../../src/ports/trainer.ts';
import { childCpuSeconds, childResidentBytes, requireProc } from './process-tree.ts';

/** Days of lag warm-up before the window. */
const WARM_UP_DAYS = 30;
/** Days after the window, which only a test on later days would use. */
const LATER_DAYS = 14;

/** A site's hours, from a file or simulated. */
export interface JobSite {
  readonly name: string;
  readonly zone: string;
  readonly calendar: Calendar;
  readonly readings: readonly HourReading[];
}

/** The zone that a zones.csv beside the file gives it. */
function zoneOf(csv: string): string {
  const zones = join(dirname(csv), 'zones.csv');
  const rows = existsSync(zones) ? readFileSync(zones, 'utf8').split(/\r?\n/) : [];
  const row = rows.find((line) => line.startsWith(`${basename(csv, '.csv')},`));
  return row?.split(',')[1] ?? 'America/Sao_Paulo';
}

/** The site of a file, or a simulated plant when `csv` is empty. @throws {CsvError} */
export async function jobSite(csv: string, windowDays: number): Promise<JobSite> {
  const zone = csv === '' ? 'America/Sao_Paulo' : zoneOf(csv);
  const calendar = createSiteCalendar({ zone, ibgeCode: null });
  if (csv !== '') {
    const { readings } = await readLoadCsv(createReadStream(csv, 'utf8'));
    return { name: basename(csv, '.csv'), zone, calendar, readings };
  }
  const hours = (WARM_UP_DAYS + windowDays + LATER_DAYS) * 24;
  const readings = simulateLoad({ seed: 11, zone, from: Date.UTC(2026, 2, 1, 3), hours });
  return { name: 'simulated', zone, calendar, readings };
}

/** What one job took. */
export interface JobCost {
  readonly wallSeconds: number;
  /** Of this process for cleaning, and of all processes that trained. */
  readonly cpuSeconds: number;
  readonly peakRssMb: number;
  /** CPU seconds by stage; `prepare` is starting the process and building the rows. */
  readonly byStage: ReadonlyMap<string, number>;
  /** CPU seconds of both fits of each model, as the trainer tells them. */
  readonly byModel: ReadonlyMap<string, number>;
  readonly artifact: Uint8Array;
}

/** Books the CPU time since its last call to a stage. */
function createLedger(now: () => number) {
  const byStage = new Map<string, number>();
  let last = now();
  return {
    byStage,
    book(stage: string): void {
      const next = now();
      byStage.set(stage, (byStage.get(stage) ?? 0) + next - last);
      last = next;
    },
  };
}

const ownCpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** What the artifact of a job says that it is. */
export interface JobIdentity {
  readonly systemId: string;
  readonly version: string;
}

const BENCH: JobIdentity = { systemId: 'bench', version: '1.0.0' };

/** Cleans the newest window as a job's first step does, and orders all models. */
function orderOf(site: JobSite, windowDays: number, identity: JobIdentity): TrainingRequest {
  const to = (site.readings.at(-1)?.hour ?? 0) + HOUR_MS;
  const from = to - windowDays * 24 * HOUR_MS;
  const { series, warmupHours } = cleanReadings(site.readings, { calendar: site.calendar, from, to });
  return {
    ...identity,
    ...{ modelType: 'ensemble', members: 'all', seed: 1 },
    ...{ zone: site.zone, ibgeCode: null, champion: null },
    dataSet: encodeDataSet(series),
    warmupHours,
  };
}

function byModelOf(timings: TrainingResult['timings']): ReadonlyMap<string, number> {
  const fits = timings.flatMap(({ model, cpuSeconds }) => (model === null ? [] : [{ model, cpuSeconds }]));
  const grouped = [...Map.groupBy(fits, ({ model }) => model)];
  return new Map(
    grouped.map(([model, own]) => [model, own.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0)]),
  );
}

/**
 * One training job as a node does it, in processes of its own, measured from outside.
 * @throws {UnusableData | TrainingRefused} when the hours cannot be trained on
 */
export async function measureJob(
  site: JobSite,
  windowDays: number,
  identity: JobIdentity = BENCH,
): Promise<JobCost> {
  requireProc();
  const start = performance.now();
  const own = createLedger(ownCpuSeconds);
  const order = orderOf(site, windowDays, identity);
  own.book('clean');
  const ledger = createLedger(childCpuSeconds);
  let stage = 'prepare';
  let peak = 0;
  const sampler = setInterval(() => {
    peak = Math.max(peak, childResidentBytes());
  }, 20);
  const follow = (progress: TrainingProgress): void => {
    if (progress.stage === stage) return;
    ledger.book(stage);
    stage = progress.stage;
  };
  const entry = new URL('../../src/main/training-process.ts', import.meta.url);
  // As a node keeps it in its data folder; the first of several jobs fills it.
  const compileCache = join(homedir(), '.cache', 'lifo4-ml', 'compiled');
  const trainer = createProcessTrainer({ entry, logger: pino({ level: 'warn' }), compileCache });
  try {
    const { artifact, timings } = await trainer.train(order, follow, new AbortController().signal);
    ledger.book(stage);
    const byStage = new Map([...own.byStage, ...ledger.byStage]);
    return {
      wallSeconds: (performance.now() - start) / 1000,
      cpuSeconds: [...byStage.values()].reduce((sum, one) => sum + one, 0),
      peakRssMb: peak / 2 ** 20,
      byStage,
      byModel: byModelOf(timings),
      artifact,
    };
  } finally {
    clearInterval(sampler);
    await trainer.close();
  }
}
