import type { Logger } from 'pino';
import type { ModelFile, ReplayedDay } from '../forecasting/replay-day.ts';
import { HOUR_MS } from '../forecasting/series.ts';
import { type DayReplayer, ReplayRefused } from '../ports/day-replayer.ts';
import type { MemberDays, ServedDay } from '../ports/member-days.ts';
import type { CloudDependencies } from './dependencies.ts';
import { hourReading } from './hour-reading.ts';
import { inRounds, type Rounds } from './rounds.ts';
import { placeOf } from './site-place.ts';
import { loadSite } from './streams.ts';
import { readVersionFile } from './version-artifact.ts';
import { evaluationOf } from './version-file.ts';

const LOOK_MS = 60_000;
const DAYS_AT_ONCE = 4;
/** As much as a device keeps, so that a history is bridged as it was there. */
const HISTORY_MS = 60 * 24 * HOUR_MS;
const DAY_MS = 24 * HOUR_MS;

export interface MemberScoresOptions {
  readonly cloud: Pick<
    CloudDependencies,
    'actors' | 'log' | 'artifacts' | 'telemetry' | 'outlook' | 'clocks'
  >;
  readonly memberDays: MemberDays;
  readonly replayer: DayReplayer;
  /** Told of each day that was replayed, with how many models. */
  readonly observe: (models: number) => void;
  readonly logger: Logger;
  /** Machine time between two looks; a minute when left out. */
  readonly lookMs?: number;
}

const nothing: ReplayedDay = { days: [], refused: [] };

/**
 * Works out what the other models of the version in service would have forecast for each day that is over, so that
 * all are scored alike. Every node may run one; each day is one node's, one after the other, at low priority.
 */
export function keepMemberScores(options: MemberScoresOptions): Rounds {
  const { cloud, memberDays, replayer, observe, logger } = options;
  const { actors, log, artifacts, telemetry, outlook, clocks } = cloud;

  /** The files that are there; what is wrong with the others is told in the log. */
  async function filesOf({ systemId, version, modelType: served }: ServedDay): Promise<readonly ModelFile[]> {
    const { modelArtifacts = [] } = (await evaluationOf(log, systemId, version)) ?? {};
    const files: ModelFile[] = [];
    for (const { modelType, artifact } of modelArtifacts.filter((each) => each.modelType !== served)) {
      const bytes = await readVersionFile(artifacts, version, artifact.checksum);
      if ('code' in bytes) logger.warn({ systemId, version, modelType, ...bytes }, 'a model is not scored');
      else files.push({ modelType, artifact: bytes });
    }
    return files;
  }

  async function replay(served: ServedDay, signal: AbortSignal): Promise<ReplayedDay> {
    const { systemId, issuedAt } = served;
    const { settings } = (await loadSite(actors, systemId)).stage.context;
    const models = await filesOf(served);
    if (settings === null || models.length === 0) return nothing;
    const issueTime = Date.parse(issuedAt);
    const since = new Date(issueTime - HISTORY_MS);
    const known = await outlook.read(systemId, since, new Date(issueTime + 1));
    const readings = await telemetry.read(systemId, since, new Date(issueTime + 2 * DAY_MS));
    const { eventFlags = [] } = settings;
    const place = { systemId, ...placeOf(settings), eventFlags };
    return replayer.replay(
      { ...place, models, issueTime, outlook: known, readings: readings.map(hourReading) },
      signal,
    );
  }

  async function replayed(served: ServedDay, signal: AbortSignal): Promise<ReplayedDay> {
    try {
      return await replay(served, signal);
    } catch (error) {
      if (!(error instanceof ReplayRefused)) throw error;
      const { systemId, day, version } = served;
      logger.info({ systemId, day, version, reason: error.message }, 'no model can be scored for this day');
      return nothing;
    }
  }

  async function score(served: ServedDay, signal: AbortSignal): Promise<void> {
    const { systemId, day, version } = served;
    try {
      const { days, refused } = await replayed(served, signal);
      for (const each of refused)
        logger.warn({ systemId, day, version, ...each }, 'a model gave no forecast to be scored');
      await memberDays.save(served, days);
      observe(days.length);
    } catch (err) {
      if (signal.aborted) return;
      logger.error(
        { err, systemId, day, version },
        'a day’s models could not be scored: tried thrice in all',
      );
    }
  }

  /** Answers whether more may be due. */
  async function scoreSome(signal: AbortSignal): Promise<boolean> {
    const due = await memberDays.claim(clocks.site.now(), DAYS_AT_ONCE);
    for (const served of due) if (!signal.aborted) await score(served, signal);
    return due.length > 0;
  }

  return inRounds({
    everyMs: options.lookMs ?? LOOK_MS,
    round: async (signal) => {
      while ((await scoreSome(signal)) && !signal.aborted);
    },
    failed: 'days of models could not be looked for: tried again soon',
    logger,
  });
}
