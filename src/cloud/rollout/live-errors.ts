import type { DataOf, RolloutSite } from '../../machines/rollout-model.ts';
import { type RolloutContext, rulesOf } from '../../machines/rollout-model.ts';
import type { HourScore, ScoreStore } from '../../ports/scores.ts';

/** What a stage's models are worth in service, beside what ran before them. */

type Result = DataOf<'ErrorsCompared'>['results'][number];

const WEEK_MS = 7 * 86_400_000;
/** Hours that each of the two must have been measured on: less says nothing. */
const LEAST_HOURS = 12;
const LEADS = 24;

/** WAPE at leads 1 to 24 of the hours that a version forecast; null where there are too few of them. */
function wape(
  hours: readonly HourScore[],
  version: string,
): { readonly error: number | null; readonly hours: number } {
  const own = hours.filter((hour) => hour.version === version);
  const points = own.flatMap(({ errors, actualKw }) =>
    errors.filter(({ lead }) => lead <= LEADS).map(({ errorKw }) => ({ errorKw, actualKw })),
  );
  const actual = points.reduce((sum, { actualKw }) => sum + Math.abs(actualKw), 0);
  if (own.length < LEAST_HOURS || actual === 0) return { error: null, hours: own.length };
  return {
    error: points.reduce((sum, { errorKw }) => sum + Math.abs(errorKw), 0) / actual,
    hours: own.length,
  };
}

async function compared(
  scores: Pick<ScoreStore, 'hours'>,
  { systemId, version, previous, at }: RolloutSite,
  { now, errorIncrease }: { readonly now: Date; readonly errorIncrease: number },
): Promise<Result> {
  const since = new Date(at ?? now);
  const all = await scores.hours(systemId, new Date(since.getTime() - WEEK_MS), now);
  const split = since.toISOString();
  const live = wape(
    all.filter(({ hour }) => hour >= split),
    version,
  );
  const before = wape(
    all.filter(({ hour }) => hour < split),
    previous?.version ?? '',
  );
  const worse =
    live.error !== null && before.error !== null && live.error > before.error * (1 + errorIncrease);
  return { systemId, liveError: live.error, previousError: before.error, hours: live.hours, worse };
}

/** The errors of the present stage's models since they serve, and of those before them in the week before. */
export async function compareLive(
  scores: Pick<ScoreStore, 'hours'>,
  context: RolloutContext,
  now: Date,
): Promise<readonly Result[]> {
  const { errorIncrease } = rulesOf(context).thresholds;
  const serving = context.sites.filter(({ stage, status }) => stage === context.stage && status === 'active');
  const results: Result[] = [];
  for (const site of serving) results.push(await compared(scores, site, { now, errorIncrease }));
  return results;
}
