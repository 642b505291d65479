import type { ControlPlane, JobView, RolloutView } from '../cloud/control-plane.ts';
import { NotFound } from '../cloud/refusals.ts';
import type { RecordedFact } from '../events/envelope.ts';
import { callerOf, type Person, type Principal, reaches } from './principal.ts';
import type { FactFilter } from './schemas/stream.ts';

/** What a caller can see. Whatever it cannot is answered exactly like what does not exist. */

const HINT = 'check the id';

export const noSite = (systemId: string): NotFound => new NotFound('site', systemId, HINT);
const noJob = (jobId: string): NotFound => new NotFound('training job', jobId, HINT);
export const noEvaluation = (id: string): NotFound => new NotFound('evaluation', id, HINT);
const noRollout = (id: string): NotFound => new NotFound('rollout', id, HINT);
export const noDeployment = (id: string): NotFound => new NotFound('deployment', id, HINT);

export const noAlert = (id: string): NotFound => new NotFound('alert', id, HINT);

/** Throws `NotFound` for an unknown site, another tenant's, or one outside the caller's sites, alike. */
export async function visibleSite(control: ControlPlane, principal: Principal, systemId: string) {
  if (!reaches(principal, systemId)) throw noSite(systemId);
  return control.getSite(callerOf(principal), systemId);
}

/** Whether a fact is the caller's to see. */
export const sees = (principal: Principal, { metadata }: RecordedFact): boolean =>
  metadata.tenant === principal.tenant && reaches(principal, metadata.systemId);

/** Tells the facts that the person may see and asks for. */
export function visibleTo(person: Person, { systemId, stream, types }: FactFilter) {
  const wanted = types === undefined ? null : new Set(types.split(','));
  return (recorded: RecordedFact): boolean =>
    sees(person, recorded) &&
    (systemId === undefined || recorded.metadata.systemId === systemId) &&
    (stream === undefined || recorded.streamId === stream) &&
    (wanted === null || wanted.has(recorded.fact.type));
}

/** A rollout is the whole tenant's: a token that is narrowed to some sites sees none. Throws `NotFound`. */
export async function visibleRollout(
  control: ControlPlane,
  person: Person,
  rolloutId: string,
): Promise<RolloutView> {
  if (person.systems !== null) throw noRollout(rolloutId);
  return control.getRollout(callerOf(person), rolloutId);
}

/** The job, for its tenant; or for anybody when `principal` is null. Throws `NotFound`. */
export async function visibleJob(
  control: ControlPlane,
  principal: Principal | null,
  jobId: string,
): Promise<JobView> {
  const view = await control.readJob(jobId);
  const first = view?.facts.at(0);
  if (view === null || first === undefined) throw noJob(jobId);
  if (principal !== null && !sees(principal, first)) throw noJob(jobId);
  return view;
}

/** The sites that a list shows: one when asked for, all when the token is not narrowed (undefined). */
export function listedSites(person: Person, systemId?: string): readonly string[] | undefined {
  if (systemId !== undefined) return reaches(person, systemId) ? [systemId] : [];
  return person.systems === null ? undefined : [...person.systems];
}
