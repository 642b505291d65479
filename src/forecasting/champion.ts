import { METADATA } from './artifact.ts';
import type { Calendar } from './calendar/calendar.ts';
import type { EventFlags } from './features/event-flags.ts';
import { createInputRows } from './features/input-rows.ts';
import { parseLayout } from './features/layout.ts';
import { checkOutputs } from './forecast-at.ts';
import { compareOnUnseenDays, type GateMetric, type TestDay, type UnseenComparison } from './gate.ts';
import type { Evaluation } from './gate-fit.ts';
import { HORIZON_HOURS } from './horizon.ts';
import type { LoadModel } from './inference.ts';
import type { ErrorScale } from './metrics.ts';
import { pickRows } from './scoring.ts';
import { HOUR_MS, type HourlySeries } from './series.ts';

/** The model in service, as a training request names it. */
export interface ChampionFile {
  readonly version: string;
  readonly deploymentId: string;
  readonly artifact: Uint8Array;
  /** ISO instant after the last hour that it was trained on. */
  readonly trainedUntil: string;
}

interface Trial {
  readonly champion: ChampionFile;
  readonly series: HourlySeries;
  readonly calendar: Calendar;
  readonly eventFlags: EventFlags;
  readonly evaluation: Evaluation;
  readonly loadModel: LoadModel;
}

/**
 * The later of what the request and the file say: no day that either names as seen may judge the champion, which
 * would look better on it than it is.
 */
function trainedUntilOf(champion: ChampionFile, metadata: Readonly<Record<string, string>>): number {
  const written = Date.parse(metadata[METADATA.trainedUntil] ?? '');
  const told = Date.parse(champion.trainedUntil);
  return Number.isNaN(written) ? told : Math.max(told, written);
}

/**
 * The champion's forecasts from the scored origins, [origins × 48], its rows built by its own layout, and the end
 * of what it was trained on, epoch ms.
 */
async function championForecasts({
  champion,
  series,
  calendar,
  eventFlags,
  evaluation,
  loadModel,
}: Trial): Promise<{ readonly forecasts: Float32Array; readonly trainedUntil: number }> {
  const origins = evaluation.scored.map((r) => evaluation.rows.origins[r] ?? 0);
  const session = await loadModel(champion.artifact);
  try {
    const layout = parseLayout(session.metadata[METADATA.layout]);
    const outputs = await session.run(
      createInputRows(layout, calendar, eventFlags).rows(series, origins),
      origins.length,
    );
    checkOutputs(outputs, origins.length);
    return { forecasts: outputs.forecast, trainedUntil: trainedUntilOf(champion, session.metadata) };
  } finally {
    await session.close();
  }
}

/**
 * Champion and challenger on the same test hours that the champion has not seen.
 * Rejects when the champion's file cannot be run here.
 */
export async function compareWithChampion(
  trial: Trial & { readonly metric: GateMetric; readonly scale: ErrorScale; readonly seed: number },
): Promise<UnseenComparison> {
  const { champion, series, evaluation } = trial;
  const { forecasts, trainedUntil } = await championForecasts(trial);
  const { rows, scored } = evaluation;
  const days = scored.map(
    (r, i): TestDay => ({
      origin: series.start + (rows.origins[r] ?? 0) * HOUR_MS,
      actual: pickRows(rows.targets, [r]),
      challenger: pickRows(evaluation.forecast.data, [r]),
      champion: Float64Array.from(forecasts.subarray(i * HORIZON_HOURS, (i + 1) * HORIZON_HOURS)),
    }),
  );
  return compareOnUnseenDays({
    champion: {
      version: champion.version,
      deploymentId: champion.deploymentId,
      trainedUntil,
    },
    days,
    metric: trial.metric,
    scale: trial.scale,
    seed: trial.seed,
  });
}

/** What a comparison says when the champion could not be run: nothing, which keeps the challenger back. */
export function withoutComparison(champion: ChampionFile): UnseenComparison {
  return {
    championVersion: champion.version,
    championDeploymentId: champion.deploymentId,
    unseenDays: 0,
    championMape: null,
    challengerMape: null,
    gain: null,
    gainLower90: null,
    gainUpper90: null,
  };
}
