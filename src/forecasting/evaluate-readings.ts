import { createSiteCalendar } from './calendar/site-calendar.ts';
import type { SpecialDay } from './calendar/special-days.ts';
import { cleanReadings } from './cleaning/clean.ts';
import { withOutlook } from './cleaning/prices.ts';
import type { HourReading } from './cleaning/readings.ts';
import { type ArtifactEvaluation, type EvaluationProgress, evaluateArtifact } from './evaluate-artifact.ts';
import { createEventFlags, type EventFlag } from './features/event-flags.ts';
import type { LoadModel } from './inference.ts';
import type { Outlook } from './series.ts';

/** An artifact to be judged by what a site measured. */
export interface ReadingsEvaluation {
  readonly systemId: string;
  readonly artifact: Uint8Array;
  readonly zone: string;
  readonly ibgeCode: string | null;
  /** Days and hours that the site's people named; none when absent. */
  readonly imported?: readonly SpecialDay[];
  readonly eventFlags?: readonly EventFlag[];
  /** Temperature forecasts and prices; none when absent. */
  readonly outlook?: Outlook;
  readonly readings: readonly HourReading[];
  /** Hours `from <= hour < to` of the readings, epoch ms: the history before the first day, then the period. */
  readonly from: number;
  readonly to: number;
  /** First and last local day whose midnight is forecast from, `YYYY-MM-DD`. */
  readonly startDate: string;
  readonly endDate: string;
}

export interface EvaluationRun {
  readonly loadModel: LoadModel;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: EvaluationProgress) => void;
}

/**
 * Cleans the readings, loads the artifact and evaluates it. Takes tens to hundreds of ms of CPU.
 * @throws {UnusableData} when the readings are not fit to be judged by, and what {@link evaluateArtifact} throws
 */
export async function evaluateReadings(
  {
    artifact,
    readings,
    from,
    to,
    startDate,
    endDate,
    eventFlags = [],
    outlook,
    ...place
  }: ReadingsEvaluation,
  { loadModel, signal, onProgress }: EvaluationRun,
): Promise<ArtifactEvaluation> {
  const calendar = createSiteCalendar(place);
  const cleaned = cleanReadings(readings, { calendar, from, to, eventFlags }).series;
  const series = outlook === undefined ? cleaned : withOutlook(cleaned, outlook);
  const session = await loadModel(artifact);
  try {
    const flags = createEventFlags(eventFlags, calendar);
    return await evaluateArtifact({
      session,
      calendar,
      series,
      startDate,
      endDate,
      eventFlags: flags,
      signal,
      ...(onProgress === undefined ? {} : { onProgress }),
    });
  } finally {
    await session.close();
  }
}
