import type { DeploymentFact } from '../../events/deployment.ts';
import { streamId } from '../../events/stream-id.ts';
import { RegistryConflict, VersionConflict } from '../../ports/event-log.ts';
import type { Caller, ControlPlane, RestoreAnswer, RestoreRequest } from '../control-plane.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { type OfferedModel, prepareOffer } from '../offers.ts';
import { RestoreRefused } from '../refusals.ts';
import { loadDeployment, offerOf } from '../streams.ts';
import { originOf } from './site-control.ts';
import { createVersionOffers } from './version-offers.ts';

type RestoreDependencies = Pick<
  CloudDependencies,
  'actors' | 'log' | 'clocks' | 'artifacts' | 'newId' | 'offerLifetimeMs'
>;
type Offer = Extract<DeploymentFact, { type: 'DeploymentOffered' }>['data'];

/** Races for the next assignment number that may be lost. */
const MAX_RACES = 8;

/** Whether the offer is what the request asks for. */
const answersTo = (
  offer: Offer,
  { systemId, version, modelType = offer.modelType }: RestoreRequest,
): boolean => offer.systemId === systemId && offer.version === version && offer.modelType === modelType;

const wishOf = ({ idempotencyKey }: RestoreRequest) =>
  idempotencyKey === undefined ? {} : { idempotencyKey };

export function createRestoreControl(cloud: RestoreDependencies): Pick<ControlPlane, 'restoreModel'> {
  const { actors, log } = cloud;
  const { wanted, assertNotRunning, secureFile } = createVersionOffers(cloud);

  async function offerById(deploymentId: string): Promise<Offer> {
    return offerOf(await loadDeployment(actors, deploymentId));
  }

  /** The deployment that an earlier request with this key made. Throws {@link RestoreRefused} for another wish. */
  async function madeBefore(caller: Caller, request: RestoreRequest): Promise<RestoreAnswer | null> {
    const { idempotencyKey: key } = request;
    const made = key === undefined ? null : await log.lookup('restore-key', `${caller.tenant}/${key}`);
    if (made === null) return null;
    if (answersTo(await offerById(made), request)) return { deploymentId: made, created: false };
    const message = `this Idempotency-Key stands for deployment ${made}, which restored something else: use a new key`;
    throw new RestoreRefused('key-names-another', message, made);
  }

  /**
   * The offer that may be ended for this one, null for none. Throws {@link RestoreRefused} when another person's wish,
   * or what runs, stands in the way.
   */
  async function replaceable(model: OfferedModel, replace: boolean): Promise<string | null> {
    const outstanding = await log.lookup('offered-deployment', model.systemId);
    if (outstanding === null) {
      await assertNotRunning(model);
      return null;
    }
    const { restore, deviceId, version } = await offerById(outstanding);
    if (restore === undefined || deviceId !== model.deviceId || replace) return outstanding;
    const message = `version ${version} is being restored: wait for the device’s answer, or repeat with "replace": true`;
    throw new RestoreRefused('restore-under-way', message, outstanding);
  }

  /** What opens the deployment; null when that would end another offer than the one that may be ended. */
  async function appendsFor(caller: Caller, model: OfferedModel, replaces: string | null) {
    const { systemId, deploymentId } = model;
    const appends = await prepareOffer(cloud, model, originOf(caller, systemId, deploymentId));
    const touched = new Set([deploymentId, replaces].map((id) => streamId('deployment', id ?? '')));
    return appends.every((append) => touched.has(append.streamId)) ? appends : null;
  }

  /** Null when somebody was quicker: whoever it was is to be looked at. */
  async function attempt(caller: Caller, request: RestoreRequest): Promise<RestoreAnswer | null> {
    const model = { ...(await wanted(caller, request)), restore: wishOf(request) };
    const replaces = await replaceable(model, request.replace);
    await secureFile(model);
    const appends = await appendsFor(caller, model, replaces);
    if (appends === null) return null;
    try {
      await log.commit({ appends });
      return { deploymentId: model.deploymentId, created: true };
    } catch (error) {
      if (error instanceof RegistryConflict || error instanceof VersionConflict) return null;
      throw error;
    }
  }

  /** A request that is refused because the same one came first was not refused at all. */
  async function unlessMadeBefore(
    caller: Caller,
    request: RestoreRequest,
    error: unknown,
  ): Promise<RestoreAnswer> {
    const before = error instanceof RestoreRefused ? await madeBefore(caller, request) : null;
    if (before === null) throw error;
    return before;
  }

  async function restoreModel(caller: Caller, request: RestoreRequest): Promise<RestoreAnswer> {
    for (let race = 1; race <= MAX_RACES; race += 1) {
      const made = (await madeBefore(caller, request)) ?? attempt(caller, request);
      const answer = await Promise.resolve(made).catch((error: unknown) =>
        unlessMadeBefore(caller, request, error),
      );
      if (answer !== null) return answer;
    }
    const message = `site ${request.systemId} is being assigned other models just now: try again`;
    throw new RestoreRefused('restore-under-way', message);
  }

  return { restoreModel };
}
