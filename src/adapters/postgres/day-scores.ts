import type { DayScore } from '../../ports/scores.ts';

/** A row of {@link DAY_COLUMNS}. */
export type DayRow = Omit<DayScore, 'issuedAt'> & { readonly issuedAt: Date };

/** Columns of `lifo4.score_day s` under the names of a day's score. */
export const DAY_COLUMNS = `s.system_id as "systemId", s.model, to_char(s.day, 'YYYY-MM-DD') as day,
  s.issued_at as "issuedAt", s.model_type as "modelType", s.version, s.forecast_kw as "forecastKw",
  s.lower_kw as "lowerKw", s.upper_kw as "upperKw", s.actual_kw as "actualKw", s.hours,
  s.excluded as "excludedHours", s.suspect as "suspectHours", s.mape, s.wape, s.rmse, s.coverage`;

export const dayScore = (row: DayRow): DayScore => ({ ...row, issuedAt: row.issuedAt.toISOString() });
