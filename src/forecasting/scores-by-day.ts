import type { NamedScores, ScoresByDay } from './details.ts';
import {
  type ErrorScale,
  type MetricsSummary,
  NothingToScore,
  type ScoredHours,
  summarise,
} from './metrics.ts';
import type { ModelView } from './models/member.ts';
import { naive24, naive168 } from './models/naive.ts';
import { numeric, type Tensor } from './tensor/numeric.ts';

function scoresOf(hours: ScoredHours, scale: ErrorScale): MetricsSummary | null {
  try {
    return summarise(hours, scale);
  } catch (error) {
    if (error instanceof NothingToScore) return null;
    throw error;
  }
}

/** The hours at leads `first` to `last` alone. */
function atLeads(hours: ScoredHours, first: number, last: number): ScoredHours {
  const kept = (i: number): boolean => (hours.lead[i] ?? 0) >= first && (hours.lead[i] ?? 0) <= last;
  return {
    actual: hours.actual.filter((_, i) => kept(i)),
    forecast: hours.forecast.filter((_, i) => kept(i)),
    lower: hours.lower?.filter((_, i) => kept(i)) ?? null,
    upper: hours.upper?.filter((_, i) => kept(i)) ?? null,
    lead: hours.lead.filter((_, i) => kept(i)),
    localHour: hours.localHour.filter((_, i) => kept(i)),
  };
}

/** Figures of forecast hours for both days together and apart. */
export function scoresByDay(hours: ScoredHours, scale: ErrorScale): ScoresByDay {
  return {
    both: scoresOf(hours, scale),
    first: scoresOf(atLeads(hours, 1, 24), scale),
    second: scoresOf(atLeads(hours, 25, 48), scale),
  };
}

/** The same hours as another model forecast them, without a band. */
export function scoresOfModel(
  model: NamedScores['model'],
  role: NamedScores['role'],
  forecast: ArrayLike<number>,
  hours: ScoredHours,
  scale: ErrorScale,
): NamedScores {
  const other = { ...hours, forecast: Float64Array.from(forecast), lower: null, upper: null };
  return { model, role, scores: scoresByDay(other, scale) };
}

/** What a model must beat: the same hour a day before, and a week before. `view` has the rows of the hours. */
export function naiveScores(view: ModelView<Tensor>, hours: ScoredHours, scale: ErrorScale): NamedScores[] {
  return [
    scoresOfModel('naive24', 'baseline', naive24.forecast(numeric, view).data, hours, scale),
    scoresOfModel('naive168', 'baseline', naive168.forecast(numeric, view).data, hours, scale),
  ];
}
