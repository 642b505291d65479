import type { EffectAnswer, EffectHandler } from '../../actors/effect-handler.ts';
import { createSiteCalendar } from '../../forecasting/calendar/site-calendar.ts';
import { type CleanedData, cleanReadings } from '../../forecasting/cleaning/clean.ts';
import { UnusableData } from '../../forecasting/cleaning/findings.ts';
import { withOutlook } from '../../forecasting/cleaning/prices.ts';
import { encodeDataSet } from '../../forecasting/data-set.ts';
import { HISTORY_HOURS } from '../../forecasting/horizon.ts';
import { HOUR_MS } from '../../forecasting/series.ts';
import { trainingJob } from '../../machines/training-job.ts';
import type { LeasedEffect } from '../../ports/effect-queue.ts';
import { TelemetryUnfit } from '../../ports/telemetry.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { hourReading } from '../hour-reading.ts';
import { placeOf } from '../site-place.ts';
import { cloudOrigin, type LoadedJob, loadJob, loadSite, requestOf } from '../streams.ts';
import { jobEffect } from './effect-data.ts';
import { failJob } from './fail-job.ts';

/** Hours before the window that the features of its first rows look back on: the history and a week beyond it. */
const WARMUP_HOURS = HISTORY_HOURS + 168;
const DAY_HOURS = 24;
const MAX_FINDINGS = 50;
const MAX_FINDING_LENGTH = 300;

/** The cleaned data set goes to the store by its hash, so that every worker and every audit reads the same bytes. */
export function collectData(cloud: CloudDependencies): EffectHandler {
  const { actors, artifacts, telemetry, clocks } = cloud;

  async function cleaned(job: LoadedJob): Promise<CleanedData> {
    const { systemId, trainingWindowDays } = requestOf(job);
    const { settings } = (await loadSite(actors, systemId)).stage.context;
    if (settings === null) throw new Error(`job of unregistered site ${systemId}`);
    const to = Math.floor(clocks.site.now().getTime() / HOUR_MS) * HOUR_MS;
    const from = to - trainingWindowDays * DAY_HOURS * HOUR_MS;
    const warmupFrom = from - WARMUP_HOURS * HOUR_MS;
    const readings = await telemetry.read(systemId, new Date(warmupFrom), new Date(to));
    if (readings.length === 0 && telemetry.whyEmpty !== undefined)
      throw new UnusableData('no-data', await telemetry.whyEmpty(systemId));
    const calendar = createSiteCalendar(placeOf(settings));
    const { eventFlags = [] } = settings;
    const request = { calendar, from, to, warmupFrom, eventFlags };
    const cleaned = cleanReadings(readings.map(hourReading), request);
    const outlook = await cloud.outlook.read(systemId, new Date(warmupFrom), new Date(to));
    return { ...cleaned, series: withOutlook(cleaned.series, outlook) };
  }

  async function collected(job: LoadedJob, effect: LeasedEffect): Promise<EffectAnswer> {
    const { series, warmupHours, report } = await cleaned(job);
    const stored = await artifacts.put(encodeDataSet(series));
    const findings = report.findings
      .slice(0, MAX_FINDINGS)
      .map(({ message }) => message.slice(0, MAX_FINDING_LENGTH));
    const dataSet = {
      ...stored,
      from: new Date(report.from).toISOString(),
      to: new Date(report.to).toISOString(),
      hours: report.hours,
      warmupHours,
      filledHours: report.filledHours,
      findings,
    };
    const request = requestOf(job);
    const origin = cloudOrigin(request, request.jobId, effect.key);
    const append = actors.prepare(trainingJob, job, { type: 'record-data', dataSet }, origin);
    return { kind: 'commit', appends: append === null ? [] : [append] };
  }

  return {
    async handle(effect): Promise<EffectAnswer> {
      const job = await loadJob(actors, jobEffect(effect).jobId);
      if (job.stage.state !== 'pending') return { kind: 'done' };
      try {
        return await collected(job, effect);
      } catch (error) {
        if (error instanceof UnusableData || error instanceof TelemetryUnfit)
          return failJob(cloud, effect, error.code, error.message);
        throw error;
      }
    },
    giveUp: (effect, error) => failJob(cloud, effect, 'data-not-collected', error.message),
  };
}
