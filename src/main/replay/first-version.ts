import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { cleanReadings } from '../../forecasting/cleaning/clean.ts';
import type { HourReading } from '../../forecasting/cleaning/readings.ts';
import { evaluateInDetail } from '../../forecasting/evaluate-in-detail.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../../forecasting/horizon.ts';
import type { LoadModel } from '../../forecasting/inference.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { type FirstForecasts, localDate } from './accuracy.ts';

/** Hours before the first midnight: the history, and slack for its gaps. */
const BEFORE_HOURS = HISTORY_HOURS + 240;

export interface FirstVersionTask {
  readonly artifact: Uint8Array;
  readonly loadModel: LoadModel;
  readonly calendar: Calendar;
  /** Ascending; those before `from` are the history. */
  readonly readings: readonly HourReading[];
  /** Epoch ms of the first midnight, and of the end. */
  readonly from: number;
  readonly to: number;
  readonly signal: AbortSignal;
}

/** What a version would have forecast at each local midnight, knowing nothing later, had it served throughout. */
export async function forecastThroughout({
  artifact,
  loadModel,
  calendar,
  readings,
  from,
  to,
  signal,
}: FirstVersionTask): Promise<FirstForecasts> {
  const window = { calendar, from: from - BEFORE_HOURS * HOUR_MS, to };
  const { series } = cleanReadings(readings, window);
  const session = await loadModel(artifact);
  try {
    const period = { startDate: localDate(from, calendar), endDate: localDate(to - 24 * HOUR_MS, calendar) };
    const { details } = await evaluateInDetail({ session, calendar, series, ...period, signal });
    const { origins, forecast } = details.days;
    return new Map(
      origins.map((origin, i) => [origin, forecast.subarray(i * HORIZON_HOURS, (i + 1) * HORIZON_HOURS)]),
    );
  } finally {
    await session.close();
  }
}
