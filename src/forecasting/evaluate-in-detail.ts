import type { EvaluationDetails } from './details.ts';
import { type ArtifactEvaluation, type EvaluationTask, evaluatePeriod } from './evaluate-artifact.ts';
import { numericView } from './models/member.ts';
import { naiveScores, scoresByDay } from './scores-by-day.ts';
import { HOUR_MS } from './series.ts';

/**
 * How an artifact did over a period beside the naive forecasts of the same hours, and its forecasts.
 * Throws what `evaluateArtifact` throws.
 */
export async function evaluateInDetail(
  task: EvaluationTask,
): Promise<{ readonly evaluation: ArtifactEvaluation; readonly details: EvaluationDetails }> {
  const { evaluation, hours, scale, origins, layout, rows } = await evaluatePeriod(task);
  const nothing = new Float64Array(hours.actual.length).fill(Number.NaN);
  return {
    evaluation,
    details: {
      days: {
        origins: origins.map((origin) => task.series.start + origin * HOUR_MS),
        actual: hours.actual,
        forecast: hours.forecast,
        lower: hours.lower ?? nothing,
        upper: hours.upper ?? nothing,
      },
      scores: scoresByDay(hours, scale),
      baselines: naiveScores(numericView(layout, rows, origins.length), hours, scale),
    },
  };
}
