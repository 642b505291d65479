import { basename } from 'node:path';
import { createModelLoader } from '../../adapters/onnxruntime/model-loader.ts';
import { hourReading } from '../../cloud/hour-reading.ts';
import type { SequencedFact } from '../../events/envelope.ts';
import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { createSiteCalendar } from '../../forecasting/calendar/site-calendar.ts';
import { layOnGrid } from '../../forecasting/cleaning/grid.ts';
import type { HourReading } from '../../forecasting/cleaning/readings.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import type { DayScore } from '../../ports/scores.ts';
import type { JobDocument } from '../../projections/documents.ts';
import type { Cloud } from '../cloud.ts';
import { QUICK_START } from '../quick-start/seed-site.ts';
import type { World } from '../quick-start/world.ts';
import { type Accuracy, accuracyByWeek, type FirstForecasts, localDate } from './accuracy.ts';
import { type Check, checkReplay } from './checks.ts';
import { forecastThroughout } from './first-version.ts';
import { type FoldedLog, foldLog } from './fold.ts';
import type { ReplayPlan } from './plan.ts';

/** What a replay showed: all of it from the log and the stores, nothing remembered on the way. */
export interface ReplayOutcome {
  readonly systemId: string;
  /** Name of the file, or null for a simulated plant. */
  readonly source: string | null;
  readonly plan: ReplayPlan;
  /** Epoch ms up to which it was replayed. */
  readonly to: number;
  readonly calendar: Calendar;
  readonly folded: FoldedLog;
  readonly days: readonly DayScore[];
  readonly accuracy: Accuracy;
  /** The version that `neverRetrained` is about; null before one served. */
  readonly firstVersion: string | null;
  readonly checks: readonly Check[];
}

const PAGE = 1_000;
const PATIENCE_MS = 30_000;

async function readAll({ postgres: { log } }: Cloud): Promise<SequencedFact[]> {
  const facts: SequencedFact[] = [];
  for (;;) {
    const page = await log.readFeed(facts.at(-1)?.seq ?? 0, PAGE);
    facts.push(...page);
    if (page.length < PAGE) return facts;
  }
}

/** Statuses as the API's lists give them. */
async function statusesOf({ postgres }: Cloud, systemId: string): Promise<ReadonlyMap<string, string>> {
  const { readModels, log } = postgres;
  await readModels.caughtUp('jobs', await log.headSeq(), PATIENCE_MS);
  const statuses = new Map<string, string>();
  let cursor: string | undefined;
  do {
    const query = { tenant: QUICK_START.tenant, systemIds: [systemId], limit: PAGE, cursor };
    const { items, nextCursor } = await readModels.list<JobDocument>('jobs', query);
    for (const { jobId, status } of items) statuses.set(jobId, status);
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
  return statuses;
}

function loadsOf(readings: readonly HourReading[], from: number, to: number) {
  const { load } = layOnGrid(readings, from, to);
  return (hour: number): number => load[(hour - from) / HOUR_MS] ?? Number.NaN;
}

async function firstForecasts(
  { cloud: { artifacts } }: Cloud,
  folded: FoldedLog,
  period: {
    readonly calendar: Calendar;
    readonly readings: readonly HourReading[];
    readonly from: number;
    readonly to: number;
  },
  signal: AbortSignal,
): Promise<{ readonly version: string | null; readonly forecasts: FirstForecasts }> {
  const served = folded.deployments.filter(({ activeAt }) => activeAt !== null);
  const first = served.sort((a, b) => (a.activeAt ?? 0) - (b.activeAt ?? 0))[0];
  const artifact = folded.jobs.find(({ jobId }) => jobId === first?.jobId)?.evaluation?.artifact;
  const isLongEnough = period.to - period.from >= 24 * HOUR_MS;
  if (first === undefined || artifact === undefined || !isLongEnough)
    return { version: first?.version ?? null, forecasts: new Map() };
  const bytes = await artifacts.get(artifact.checksum);
  const loadModel = createModelLoader();
  const forecasts = await forecastThroughout({ ...period, artifact: bytes, loadModel, signal });
  return { version: first.version, forecasts };
}

/** A month and a half before the replay: the first week's week before, and the first day's history. */
const BEFORE_MS = 45 * 24 * HOUR_MS;

/** Folds and scores what was replayed up to `to`. */
export async function outcomeOf(
  cloud: Cloud,
  { systemId, zone, csv }: World,
  plan: ReplayPlan,
  to: number,
  retrainWindowMs: number,
): Promise<ReplayOutcome> {
  const calendar = createSiteCalendar({ zone, ibgeCode: null });
  const folded = foldLog(await readAll(cloud), systemId);
  const first = plan.from - BEFORE_MS;
  const stored = await cloud.cloud.telemetry.read(systemId, new Date(first), new Date(to));
  const readings = stored.map(hourReading);
  const loadAt = loadsOf(readings, first, Math.max(to, first + HOUR_MS));
  const scored = await cloud.postgres.scores.days({
    systemIds: [systemId],
    from: localDate(plan.from, calendar),
    to: localDate(to, calendar),
  });
  const days = scored.filter(({ hours }) => hours > 0);
  const period = { calendar, readings, from: plan.from, to };
  const { version, forecasts } = await firstForecasts(cloud, folded, period, new AbortController().signal);
  const statuses = await statusesOf(cloud, systemId);
  return {
    ...{ systemId, source: csv && basename(csv), plan, to, calendar, folded, days, firstVersion: version },
    accuracy: accuracyByWeek(days, loadAt, forecasts),
    checks: checkReplay({
      ...{ systemId, zone, from: plan.from, to, retrainWindowMs, folded, statuses, days, loadAt },
    }),
  };
}
