import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type ErrorScale, MAPE_FLOOR, type MetricsSummary } from './metrics.ts';

/** Error that a challenger must stay below when its site has no target of its own: 8 %. */
export const DEFAULT_TARGET = 0.08;
/** Relative improvement over the champion that a challenger must exceed. */
const MINIMUM_GAIN = 0.05;
/** Test days after the champion's training data that a comparison needs. */
const MINIMUM_UNSEEN_DAYS = 5;

/** A test day says something only when at least so many of its hours can be scored. */
const MINIMUM_HOURS = 12;
const BOOTSTRAP_ROUNDS = 2000;

export type GateMetric = 'mape' | 'wape';

/**
 * MAPE, unless the load runs below zero (solar without a meter of its own), where percentages of single hours
 * mean nothing. Hours that MAPE leaves out anyway, within 1 % of the mean |load|, do not count as negative.
 */
export function gateMetric(load: Float64Array, scale: ErrorScale): GateMetric {
  return load.some((value) => value < -MAPE_FLOOR * scale.meanLoad) ? 'wape' : 'mape';
}

/** One test day: the forecasts of both models from the same origin, and what was measured. kW, same length. */
export interface TestDay {
  /** Epoch ms of the first hour forecast. */
  readonly origin: number;
  /** NaN where nothing was measured. */
  readonly actual: Float64Array;
  readonly challenger: Float64Array;
  readonly champion: Float64Array;
}

export interface ChampionInService {
  readonly version: string;
  readonly deploymentId: string;
  /** Epoch ms of the hour after the last that it was trained on. */
  readonly trainedUntil: number;
}

/** Champion and challenger on the same unseen hours, errors by the gate's metric; gain is 1 − challenger/champion. */
export interface UnseenComparison {
  readonly championVersion: string;
  readonly championDeploymentId: string;
  readonly unseenDays: number;
  readonly championMape: number | null;
  readonly challengerMape: number | null;
  readonly gain: number | null;
  /** 90 % bootstrap interval of the gain; null when there are too few days. */
  readonly gainLower90: number | null;
  readonly gainUpper90: number | null;
}

/** A forecast given to the gate is not a number: the model is broken, and no comparison can say more. */
export class UnusableForecast extends Error {
  override readonly name = 'UnusableForecast';
  readonly model: 'champion' | 'challenger';

  constructor(model: 'champion' | 'challenger', origin: number) {
    super(
      `The ${model}'s forecast of ${new Date(origin).toISOString()} has a value that is no finite number.`,
    );
    this.model = model;
  }
}

/** Error sums of one day. */
interface DayErrors {
  readonly champion: number;
  readonly challenger: number;
  /** What the sums are divided by: hours for MAPE, kWh for WAPE. */
  readonly base: number;
  readonly hours: number;
}

/** What an hour's error is multiplied with before it is added; 0 where the hour does not count. */
function weightOf(actual: number, metric: GateMetric, scale: ErrorScale): number {
  if (Number.isNaN(actual)) return 0;
  if (metric === 'wape') return 1;
  const size = Math.abs(actual);
  return size < MAPE_FLOOR * scale.meanLoad || size === 0 ? 0 : 1 / size;
}

function errorsOf(day: TestDay, metric: GateMetric, scale: ErrorScale): DayErrors {
  const sums = { champion: 0, challenger: 0, base: 0, hours: 0 };
  for (const [i, actual] of day.actual.entries()) {
    const weight = weightOf(actual, metric, scale);
    if (weight === 0) continue;
    sums.champion += Math.abs((day.champion[i] ?? Number.NaN) - actual) * weight;
    sums.challenger += Math.abs((day.challenger[i] ?? Number.NaN) - actual) * weight;
    sums.base += Math.abs(actual) * weight;
    sums.hours++;
  }
  if (!Number.isFinite(sums.challenger)) throw new UnusableForecast('challenger', day.origin);
  if (!Number.isFinite(sums.champion)) throw new UnusableForecast('champion', day.origin);
  return sums;
}

function gainOf(days: readonly DayErrors[]): number {
  let champion = 0;
  let challenger = 0;
  for (const day of days) {
    champion += day.champion;
    challenger += day.challenger;
  }
  if (challenger === champion) return 0;
  return 1 - challenger / Math.max(champion, Number.EPSILON);
}

/**
 * 90 % percentile interval of the gain from whole days drawn with replacement: errors within a day hang
 * together, so a day is the block (Künsch 1989, blocks that do not overlap).
 */
function bootstrapGain(days: readonly DayErrors[], seed: number): readonly [lower: number, upper: number] {
  const random = xoroshiro128plus(seed);
  const gains = Float64Array.from({ length: BOOTSTRAP_ROUNDS }, () =>
    gainOf(days.map((day) => days[uniformInt(random, 0, days.length - 1)] ?? day)),
  ).sort();
  const at = (share: number): number => gains[Math.floor(share * (BOOTSTRAP_ROUNDS - 1))] ?? 0;
  return [at(0.05), at(0.95)];
}

/**
 * Compares champion and challenger on the test days whose origin is not before the end of the champion's
 * training data, on the same measured hours. Pure in its arguments; `seed` draws the bootstrap.
 * @throws {UnusableForecast}
 */
export function compareOnUnseenDays(given: {
  readonly champion: ChampionInService;
  readonly days: readonly TestDay[];
  readonly metric: GateMetric;
  readonly scale: ErrorScale;
  readonly seed: number;
}): UnseenComparison {
  const { champion, metric, scale } = given;
  const unseen = given.days
    .filter(({ origin }) => origin >= champion.trainedUntil)
    .map((day) => errorsOf(day, metric, scale))
    .filter(({ hours }) => hours >= MINIMUM_HOURS);
  const base = unseen.reduce((sum, day) => sum + day.base, 0);
  const share = (key: 'champion' | 'challenger'): number | null =>
    base === 0 ? null : unseen.reduce((sum, day) => sum + day[key], 0) / base;
  const interval = unseen.length < MINIMUM_UNSEEN_DAYS ? null : bootstrapGain(unseen, given.seed);
  return {
    championVersion: champion.version,
    championDeploymentId: champion.deploymentId,
    unseenDays: unseen.length,
    championMape: share('champion'),
    challengerMape: share('challenger'),
    gain: base === 0 ? null : gainOf(unseen),
    gainLower90: interval?.[0] ?? null,
    gainUpper90: interval?.[1] ?? null,
  };
}

/** Why the gate keeps a model back. */
type GateReason =
  | 'target-missed'
  | 'not-better-than-naive'
  | 'not-enough-unseen-days'
  | 'not-better-than-champion';

/** The numbers and thresholds that a verdict was reached by. */
interface GateDecision {
  readonly metric: GateMetric;
  readonly target: number;
  readonly minimumGain: number;
  readonly minimumUnseenDays: number;
  readonly challenger: number;
  readonly seasonalNaive: number;
  readonly forced: boolean;
  readonly comparison: UnseenComparison | null;
}

/** `reason` is null when the model is to be deployed. */
export interface Verdict {
  readonly reason: GateReason | null;
  readonly decision: GateDecision;
}

function againstChampion(comparison: UnseenComparison | null): GateReason | null {
  if (comparison === null) return null;
  if (comparison.unseenDays < MINIMUM_UNSEEN_DAYS) return 'not-enough-unseen-days';
  return (comparison.gain ?? 0) > MINIMUM_GAIN ? null : 'not-better-than-champion';
}

function reasonOf(decision: GateDecision): GateReason | null {
  if (!(decision.challenger < decision.target)) return 'target-missed';
  if (!(decision.challenger < decision.seasonalNaive)) return 'not-better-than-naive';
  return decision.forced ? null : againstChampion(decision.comparison);
}

/**
 * Whether a challenger goes into service: below the target, better than the seasonal-naive forecast on the
 * same hours, and more than {@link MINIMUM_GAIN} better than the champion on enough days that the champion has
 * not seen. `forceRedeploy` skips only the last. A figure that is no number never passes.
 */
export function judge(given: {
  readonly metric: GateMetric;
  /** The site's own target as a fraction, or {@link DEFAULT_TARGET}. */
  readonly target: number;
  readonly challenger: Pick<MetricsSummary, GateMetric>;
  readonly seasonalNaive: Pick<MetricsSummary, GateMetric>;
  /** Null when there is no champion. */
  readonly comparison: UnseenComparison | null;
  readonly forceRedeploy: boolean;
}): Verdict {
  const decision: GateDecision = {
    metric: given.metric,
    target: given.target,
    minimumGain: MINIMUM_GAIN,
    minimumUnseenDays: MINIMUM_UNSEEN_DAYS,
    challenger: given.challenger[given.metric],
    seasonalNaive: given.seasonalNaive[given.metric],
    forced: given.forceRedeploy,
    comparison: given.comparison,
  };
  return { reason: reasonOf(decision), decision };
}
