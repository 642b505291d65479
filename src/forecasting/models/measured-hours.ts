import { HORIZON_HOURS } from '../horizon.ts';
import type { TrainingRows } from './member.ts';

/** The hours that the rows forecast, each once and in order, as one series. */
export interface MeasuredHours {
  /** kW; NaN where nothing was measured. [hours] */
  readonly load: Float64Array;
  /** Level in kW that the newest origin before the hour knew. [hours] */
  readonly level: Float64Array;
  /** Position of the hour's calendar row in `view.lags.calendar`, counted in rows; -1 where there is none. [hours] */
  readonly calendarRow: Int32Array;
}

/** Lays the rows' overlapping targets out as one series. */
export function measuredHours(rows: TrainingRows): MeasuredHours {
  const first = rows.origins[0] ?? 0;
  const hours = (rows.origins.at(-1) ?? first) + HORIZON_HOURS - first;
  const load = new Float64Array(hours).fill(Number.NaN);
  const level = new Float64Array(hours).fill(1);
  const calendarRow = new Int32Array(hours).fill(-1);
  rows.origins.forEach((origin, r) => {
    const from = origin - first;
    load.set(rows.targets.subarray(r * HORIZON_HOURS, (r + 1) * HORIZON_HOURS), from);
    level.fill(rows.view.lags.scale.data[r] as number, from, from + HORIZON_HOURS);
    for (let lead = 0; lead < HORIZON_HOURS; lead++) calendarRow[from + lead] = r * HORIZON_HOURS + lead;
  });
  return { load, level, calendarRow };
}
