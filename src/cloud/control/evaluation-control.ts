import type { Calendar } from '../../forecasting/calendar/calendar.ts';
import { parseDate } from '../../forecasting/calendar/day.ts';
import { createSiteCalendar } from '../../forecasting/calendar/site-calendar.ts';
import type { ArtifactEvaluation } from '../../forecasting/evaluate-artifact.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../../forecasting/horizon.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { EvaluationRefused } from '../../ports/evaluator.ts';
import {
  type Caller,
  type ControlPlane,
  type EvaluationAnswer,
  type EvaluationRequest,
  Invalid,
  NotFound,
} from '../control-plane.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { hourReading } from '../hour-reading.ts';
import { placeOf } from '../site-place.ts';
import { loadJob, loadSite } from '../streams.ts';
import { versionFile } from '../version-file.ts';
import { ownSite } from './site-control.ts';

type EvaluationControl = Pick<ControlPlane, 'evaluate'>;

const VERSION_HINT = 'list the site’s versions with GET /api/v1/ml/systems/{id}/models';
const FILE_HINT = 'the version’s page lists its files';
/** Measured hours before the first day: the history of its first forecast, and slack for gaps in it. */
const BEFORE_HOURS = HISTORY_HOURS + 10 * 24;

const percent = (share: number): number => share * 100;

function answerOf(found: ArtifactEvaluation): EvaluationAnswer {
  const { metrics, worstHours, bestHours, inSampleHours, evaluatedHours, missingHours, origins } = found;
  return {
    mape: percent(metrics.mape),
    rmse: metrics.rmse,
    accuracy24h: percent(found.accuracy24h),
    accuracy48h: percent(found.accuracy48h),
    mape24h: percent(metrics.mape24h),
    mape48h: percent(metrics.mape48h),
    accuracyTolerancePct: percent(found.accuracyTolerance),
    excludedHours: metrics.excludedHours,
    ...{ worstHours, bestHours, inSampleHours, evaluatedHours, missingHours, origins },
  };
}

/** A refused evaluation is a refused request: the same would be refused again. */
function refusalOf(error: unknown): unknown {
  return error instanceof EvaluationRefused ? new Invalid(error.code, error.message) : error;
}

function periodOf(calendar: Calendar, { startDate, endDate }: EvaluationRequest) {
  const first = parseDate(startDate);
  const last = parseDate(endDate);
  if (first === null || last === null || last < first) {
    throw new Invalid(
      'no-period',
      `${startDate} to ${endDate} is no period: write two days as YYYY-MM-DD, the earlier one first`,
    );
  }
  return { from: calendar.startOf(first), to: calendar.startOf(last + 1) + HORIZON_HOURS * HOUR_MS };
}

export function createEvaluationControl(cloud: CloudDependencies): EvaluationControl {
  const { actors, artifacts, clocks, evaluator, log, telemetry } = cloud;

  async function artifactOf({
    systemId,
    modelVersion: version,
    modelType,
  }: EvaluationRequest): Promise<Uint8Array> {
    const jobId = await log.lookup('model-version', `${systemId}/${version}`);
    const evaluation = jobId === null ? null : (await loadJob(actors, jobId)).stage.context.evaluation;
    if (evaluation === null) throw new NotFound('model version', version, VERSION_HINT);
    const file = modelType === undefined ? evaluation.artifact : versionFile(evaluation, modelType);
    if (file === null) throw new NotFound('model', `${version}/${modelType}`, FILE_HINT);
    return artifacts.get(file.checksum);
  }

  async function measured(request: EvaluationRequest, calendar: Calendar) {
    const period = periodOf(calendar, request);
    const now = Math.floor(clocks.site.now().getTime() / HOUR_MS) * HOUR_MS;
    const from = period.from - BEFORE_HOURS * HOUR_MS;
    const to = Math.min(period.to, now);
    const readings = await telemetry.read(request.systemId, new Date(from), new Date(to));
    return { readings: readings.map(hourReading), from, to };
  }

  async function evaluate(
    caller: Caller,
    request: EvaluationRequest,
    signal: AbortSignal,
  ): Promise<EvaluationAnswer> {
    const { settings } = ownSite(caller, request.systemId, await loadSite(actors, request.systemId));
    const { systemId, startDate, endDate } = request;
    const artifact = await artifactOf(request);
    const place = placeOf(settings);
    const period = await measured(request, createSiteCalendar(place));
    const { eventFlags = [] } = settings;
    const outlook = await cloud.outlook?.read(systemId, new Date(period.from), new Date(period.to));
    const known = { eventFlags, ...(outlook === undefined ? {} : { outlook }) };
    const order = { systemId, artifact, ...place, ...known, ...period, startDate, endDate };
    return answerOf(await evaluator.evaluate(order, signal));
  }

  return {
    evaluate: (caller, request, signal) =>
      evaluate(caller, request, signal).catch((error: unknown) => {
        throw refusalOf(error);
      }),
  };
}
