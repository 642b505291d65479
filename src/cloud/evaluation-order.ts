import type { EvaluationResult } from '../events/evaluation.ts';
import type { SiteSettings } from '../events/site.ts';
import type { Calendar } from '../forecasting/calendar/calendar.ts';
import { parseDate } from '../forecasting/calendar/day.ts';
import { createSiteCalendar } from '../forecasting/calendar/site-calendar.ts';
import type { ArtifactEvaluation } from '../forecasting/evaluate-artifact.ts';
import type { ReadingsEvaluation } from '../forecasting/evaluate-readings.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../forecasting/horizon.ts';
import { HOUR_MS } from '../forecasting/series.ts';
import { EvaluationRefused } from '../ports/evaluator.ts';
import type { TrainingDependencies } from './dependencies.ts';
import { hourReading } from './hour-reading.ts';
import { placeOf } from './site-place.ts';

/** Measured hours before the first day: the history of its first forecast, and slack for gaps in it. */
const BEFORE_HOURS = HISTORY_HOURS + 10 * 24;

/** Inclusive local days, `YYYY-MM-DD`. */
export interface EvaluatedDays {
  readonly startDate: string;
  readonly endDate: string;
}

/** Instants of the forecast hours. Throws {@link EvaluationRefused} for days that are no period. */
function periodOf(calendar: Calendar, { startDate, endDate }: EvaluatedDays) {
  const first = parseDate(startDate);
  const last = parseDate(endDate);
  if (first === null || last === null || last < first) {
    throw new EvaluationRefused(
      'no-period',
      `${startDate} to ${endDate} is no period: write two days as YYYY-MM-DD, the earlier one first`,
    );
  }
  return { from: calendar.startOf(first), to: calendar.startOf(last + 1) + HORIZON_HOURS * HOUR_MS };
}

/** What an evaluator needs for a period of a site: the readings, and what was known at each issue time. */
export async function evaluationOrder(
  cloud: Pick<TrainingDependencies, 'clocks' | 'telemetry' | 'outlook'>,
  systemId: string,
  settings: SiteSettings,
  days: EvaluatedDays,
): Promise<Omit<ReadingsEvaluation, 'artifact'>> {
  const place = placeOf(settings);
  const period = periodOf(createSiteCalendar(place), days);
  const now = Math.floor(cloud.clocks.site.now().getTime() / HOUR_MS) * HOUR_MS;
  const from = period.from - BEFORE_HOURS * HOUR_MS;
  const to = Math.min(period.to, now);
  const readings = await cloud.telemetry.read(systemId, new Date(from), new Date(to));
  const outlook = await cloud.outlook.read(systemId, new Date(from), new Date(to));
  const { eventFlags = [] } = settings;
  const known = { eventFlags, outlook };
  const { startDate, endDate } = days;
  return { systemId, ...place, ...known, readings: readings.map(hourReading), from, to, startDate, endDate };
}

/** What is kept of an evaluation, shares as fractions. */
export function resultOf(found: ArtifactEvaluation): EvaluationResult {
  const { metrics, inSampleHours, evaluatedHours, missingHours, origins } = found;
  const { mape, rmse, mape24h, mape48h, excludedHours } = metrics;
  const { accuracy24h, accuracy48h, accuracyTolerance, worstHours, bestHours } = found;
  return {
    ...{ mape, rmse, mape24h, mape48h, accuracy24h, accuracy48h, accuracyTolerance },
    ...{ worstHours: [...worstHours], bestHours: [...bestHours] },
    ...{ inSampleHours, evaluatedHours, excludedHours, missingHours, origins },
  };
}
