import type { EvaluationFact } from '../../events/evaluation.ts';
import { streamId } from '../../events/stream-id.ts';
import { dateOf } from '../../forecasting/calendar/day.ts';
import { createZone, DAY_MS } from '../../forecasting/calendar/zone.ts';
import { evaluation } from '../../machines/evaluation.ts';
import type { DataOf, RolloutSite } from '../../machines/rollout-model.ts';
import { rulesOf } from '../../machines/rollout-model.ts';
import type { StreamAppend } from '../../ports/event-log.ts';
import { runningOnDevice } from '../offers.ts';
import { type LoadedEvaluation, loadEvaluation, offerOf } from '../streams.ts';
import { evaluationOf, versionFile } from '../version-file.ts';
import { type RolloutLook, SITES_A_LOOK, type Work } from './step.ts';

/** The shadow: candidates are evaluated on recent days beside what runs, and nothing is sent. */

type Requested = Extract<EvaluationFact, { type: 'EvaluationRequested' }>['data'];
type Judged = Pick<Requested, 'version' | 'modelType' | 'artifact'>;
type Compared = DataOf<'ShadowsCompared'>['results'][number];

/** Sites whose models are evaluated at the same time: more would only wait for a process. */
const SHADOWS_AT_ONCE = 20;
const HOUR_MS = 3_600_000;
const MAX_REASON = 500;

type Begun =
  | { readonly kind: 'refused'; readonly site: { readonly systemId: string; readonly reason: string } }
  | {
      readonly kind: 'begun';
      readonly shadow: DataOf<'ShadowsRequested'>['shadows'][number];
      readonly appends: readonly StreamAppend[];
    };

interface Days {
  readonly startDate: string;
  readonly endDate: string;
}

/**
 * The last whole local days. Days that the candidate was trained on flatter it: they are left out where at least one
 * other is there.
 */
function shadowDays(site: RolloutSite, trainedUntil: string, days: number, now: Date): Days {
  const zone = createZone(site.zone);
  const dayOf = (at: number): number =>
    Math.floor((at + zone.offsetAt(Math.floor(at / HOUR_MS) * HOUR_MS)) / DAY_MS);
  const last = dayOf(now.getTime()) - 1;
  const unseen = dayOf(Date.parse(trainedUntil) - 1) + 1;
  const first = last - days + 1;
  return { startDate: dateOf(unseen <= last ? Math.max(first, unseen) : first), endDate: dateOf(last) };
}

/** A site's two evaluations, each opened by its append; or why there can be none. */
async function begin(look: RolloutLook, site: RolloutSite): Promise<Begun> {
  const { cloud, context, tenant, now, rolloutId } = look;
  const { systemId, version, modelType } = site;
  const evaluated = await evaluationOf(cloud.log, systemId, version);
  const artifact = evaluated === null ? null : versionFile(evaluated, modelType);
  if (evaluated === null || artifact === null)
    return { kind: 'refused', site: { systemId, reason: `version ${version} has no file of ${modelType}` } };
  const days = shadowDays(site, evaluated.trainedUntil, rulesOf(context).shadowDays, now);
  const appends: StreamAppend[] = [];
  const open = async (judged: Judged): Promise<string> => {
    const evaluationId = cloud.newId();
    const stream = streamId('evaluation', evaluationId);
    const request = { evaluationId, systemId, tenant, ...judged, ...days };
    const loaded = await loadEvaluation(cloud.actors, evaluationId);
    const origin = { ...look.origin(systemId), correlationId: rolloutId };
    const append = cloud.actors.prepare(
      evaluation,
      { ...loaded, streamId: stream },
      { type: 'request', request },
      origin,
    );
    if (append !== null) appends.push(append);
    return evaluationId;
  };
  const running = await runningOnDevice(cloud, systemId);
  const shadow = {
    systemId,
    candidate: await open({ version, modelType, artifact }),
    running: running === null ? null : await open(judgedOf(running)),
  };
  return { kind: 'begun', shadow, appends };
}

function judgedOf(running: NonNullable<Awaited<ReturnType<typeof runningOnDevice>>>): Judged {
  const { version, modelType, artifact } = offerOf(running);
  return { version, modelType, artifact };
}

/** Asks for evaluations, as many as may be under way. */
export const requestShadows: Work = async (look) => {
  const { sites, stage } = look.context;
  const waiting = sites.filter(({ status }) => status === 'waiting');
  if (stage >= 0 || waiting.length === 0) return null;
  const underWay = sites.filter(({ status }) => status === 'shadowing').length;
  const count = Math.min(SHADOWS_AT_ONCE - underWay, SITES_A_LOOK);
  if (count <= 0) return null;
  const begun = await Promise.all(waiting.slice(0, count).map((site) => begin(look, site)));
  const refused = begun.flatMap((each) => (each.kind === 'refused' ? [each.site] : []));
  if (refused.length > 0) return { command: { type: 'skip', sites: refused } };
  const opened = begun.flatMap((each) => (each.kind === 'begun' ? [each] : []));
  return {
    command: { type: 'request-shadows', shadows: opened.map(({ shadow }) => shadow) },
    along: opened.flatMap(({ appends }) => appends),
  };
};

const hasEnded = (loaded: LoadedEvaluation | null): boolean =>
  loaded === null || !['new', 'requested'].includes(loaded.stage.state);

const whyNot = ({ stage: { state, context } }: LoadedEvaluation): string =>
  (context.failure?.reason ?? `its evaluation was ${state}`).slice(0, MAX_REASON);

function compared(
  { systemId }: RolloutSite,
  candidate: LoadedEvaluation,
  running: LoadedEvaluation | null,
  errorIncrease: number,
): Compared {
  const { result } = candidate.stage.context;
  const before = running?.stage.context.result?.mape ?? null;
  const errors = {
    candidateError: result?.mape ?? null,
    runningError: before,
    inSampleHours: result?.inSampleHours ?? 0,
  };
  if (result === null) return { systemId, verdict: 'unproven', ...errors, reason: whyNot(candidate) };
  if (before === null) return { systemId, verdict: 'passed', ...errors, reason: null };
  const worse = result.mape > before * (1 + errorIncrease);
  return {
    ...{ systemId, verdict: worse ? 'worse' : 'passed', ...errors },
    reason: worse ? 'worse than what runs on recent days' : null,
  };
}

async function ended(
  { cloud: { actors }, context }: RolloutLook,
  site: RolloutSite,
): Promise<readonly Compared[]> {
  const { shadow } = site;
  if (shadow === null) return [];
  const candidate = await loadEvaluation(actors, shadow.candidate);
  const running = shadow.running === null ? null : await loadEvaluation(actors, shadow.running);
  if (!hasEnded(candidate) || !hasEnded(running)) return [];
  return [compared(site, candidate, running, rulesOf(context).thresholds.errorIncrease)];
}

/** Records how candidates did whose evaluations have ended. */
export const hearShadows: Work = async (look) => {
  const underWay = look.context.sites.filter(({ status }) => status === 'shadowing');
  const results = (await Promise.all(underWay.map((site) => ended(look, site)))).flat();
  return results.length === 0 ? null : { command: { type: 'compare-shadows', results } };
};

/** Passes the shadow once every candidate was looked at. */
export const passShadow: Work = async ({ context }) => {
  if (context.stage >= 0) return null;
  const isUnderWay = context.sites.some(({ status }) => status === 'shadowing');
  return isUnderWay ? { wait: 'soon' } : { command: { type: 'pass-stage' } };
};
