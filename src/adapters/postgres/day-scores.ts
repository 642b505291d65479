import type { DayFigures, DayScore } from '../../ports/scores.ts';

/** A row as the driver gives it: its instant is a date. */
type Row<Day extends DayFigures> = Omit<Day, 'issuedAt'> & { readonly issuedAt: Date };
export type FigureRow = Row<DayFigures>;
export type DayRow = Row<DayScore>;

/** Columns of `lifo4.score_day s` under the names of a day's figures. */
export const FIGURE_COLUMNS = `s.system_id as "systemId", s.model, to_char(s.day, 'YYYY-MM-DD') as day,
  s.issued_at as "issuedAt", s.model_type as "modelType", s.version, s.hours, s.excluded as "excludedHours",
  s.suspect as "suspectHours", s.mape, s.wape, s.rmse, s.coverage`;

/** The same with what they were made of. */
export const DAY_COLUMNS = `${FIGURE_COLUMNS}, s.forecast_kw as "forecastKw", s.lower_kw as "lowerKw",
  s.upper_kw as "upperKw", s.actual_kw as "actualKw"`;

export const dated = <R extends { readonly issuedAt: Date }>(
  row: R,
): Omit<R, 'issuedAt'> & { issuedAt: string } => ({
  ...row,
  issuedAt: row.issuedAt.toISOString(),
});
