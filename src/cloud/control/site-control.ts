import type { Origin } from '../../actors/stream-actor.ts';
import type { SiteFact, SiteSettings } from '../../events/site.ts';
import { streamId } from '../../events/stream-id.ts';
import { parseDate } from '../../forecasting/calendar/day.ts';
import { UnknownPlace } from '../../forecasting/calendar/ibge.ts';
import { createSiteCalendar } from '../../forecasting/calendar/site-calendar.ts';
import { InvalidSpecialDay } from '../../forecasting/calendar/special-days.ts';
import { type DeviceContext, device } from '../../machines/device.ts';
import { site } from '../../machines/site.ts';
import type { StreamAppend } from '../../ports/event-log.ts';
import type { Caller, ControlPlane, SiteView } from '../control-plane.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { againAfterRaces } from '../races.ts';
import { Invalid, NotFound } from '../refusals.ts';
import { placeOf } from '../site-place.ts';
import { type LoadedSite, loadDevice, loadSite } from '../streams.ts';
import { nextWeeklySlot } from '../weekly.ts';

type SiteControl = Pick<
  ControlPlane,
  | 'pauseRetrains'
  | 'resumeRetrains'
  | 'putSite'
  | 'getSite'
  | 'decommissionSite'
  | 'addDevice'
  | 'revokeDevice'
>;

function lastSkipped({ facts }: LoadedSite): SiteView['lastSkipped'] {
  for (const { fact } of facts.toReversed()) {
    const known = fact as SiteFact;
    if (known.type === 'RetrainScheduled' && known.data.skipped !== null) return known.data.skipped;
  }
  return null;
}

const SITE_HINT = 'list your sites with GET /api/v1/systems, or register it with PUT /api/v1/systems/{id}';
const DEVICE_HINT = 'the site shows its device under GET /api/v1/systems/{id}';

/** The site if it is registered and the caller's. Another tenant's site looks like an unknown one. */
export function ownSite(caller: Caller, systemId: string, loaded: LoadedSite) {
  const { state, context } = loaded.stage;
  const { settings } = context;
  if (state !== 'registered' || settings === null || context.tenant !== caller.tenant) {
    throw new NotFound('site', systemId, SITE_HINT);
  }
  return { ...context, settings };
}

/** An id is never given out again: its facts would be two sites'. Throws {@link Invalid}. */
function refuseDecommissioned({ tenant }: Caller, systemId: string, { stage }: LoadedSite): void {
  if (stage.state !== 'decommissioned' || stage.context.tenant !== tenant) return;
  throw new Invalid('site-decommissioned', `site ${systemId} was decommissioned for good: take another id`);
}

export const originOf = (caller: Caller, systemId: string | null, correlationId: string): Origin => ({
  actor: caller.actor,
  tenant: caller.tenant,
  systemId,
  correlationId,
  ...(caller.request === undefined ? {} : { causationId: caller.request }),
});

function placeRefusal(error: unknown): string {
  if (error instanceof InvalidSpecialDay) return 'no-date';
  return error instanceof UnknownPlace ? 'unknown-place' : 'unknown-zone';
}

function checkPlace(settings: SiteSettings): void {
  try {
    createSiteCalendar(placeOf(settings));
    nextWeeklySlot(settings.zone, new Date(0));
  } catch (error) {
    throw new Invalid(placeRefusal(error), error instanceof Error ? error.message : String(error));
  }
}

function checkFlags({ eventFlags = [] }: SiteSettings): void {
  for (const { label, dates = [] } of eventFlags) {
    const unreal = dates.find((date) => parseDate(date) === null);
    if (unreal === undefined) continue;
    throw new Invalid('no-date', `event flag ${label}: ${unreal} is no date; write it as 2026-01-31`);
  }
}

/** Refuses at once what would fail later, at every training and every publication. Throws {@link Invalid}. */
export function checkSettings(settings: SiteSettings): void {
  checkPlace(settings);
  checkFlags(settings);
  const { contract, target } = settings;
  const instants = [contract?.validFrom, contract?.validTo, target?.expires].filter((at) => at != null);
  const unreal = instants.find((at) => Number.isNaN(Date.parse(at)));
  if (unreal !== undefined)
    throw new Invalid('no-instant', `${unreal} is no instant that exists: check its month, day and time`);
  const { validFrom, validTo } = contract ?? { validFrom: null, validTo: null };
  if (validFrom !== null && validTo !== null && Date.parse(validTo) <= Date.parse(validFrom))
    throw new Invalid('empty-validity', `the contract ends at ${validTo}, before it begins at ${validFrom}`);
}

export function createSiteControl({
  actors,
  log,
  credentials,
  newId,
  newSecret,
}: CloudDependencies): SiteControl {
  async function putSite(caller: Caller, systemId: string, settings: SiteSettings) {
    checkSettings(settings);
    const loaded = await loadSite(actors, systemId);
    const origin = originOf(caller, systemId, newId());
    if (loaded.stage.state === 'new') {
      const { tenant } = caller;
      await actors.send(site, loaded.streamId, { type: 'register', systemId, tenant, settings }, origin);
      return { created: true };
    }
    refuseDecommissioned(caller, systemId, loaded);
    ownSite(caller, systemId, loaded);
    await actors.send(site, loaded.streamId, { type: 'change', settings }, origin);
    return { created: false };
  }

  const getSite: SiteControl['getSite'] = async (caller, systemId) => {
    const loaded = await loadSite(actors, systemId);
    return { ...ownSite(caller, systemId, loaded), lastSkipped: lastSkipped(loaded) };
  };

  const decommissionSite: SiteControl['decommissionSite'] = async (caller, systemId, reason) => {
    const loaded = await loadSite(actors, systemId);
    ownSite(caller, systemId, loaded);
    await actors.send(
      site,
      loaded.streamId,
      { type: 'decommission', reason },
      originOf(caller, systemId, newId()),
    );
  };

  async function revocation(
    deviceId: string | null,
    reason: string,
    origin: Origin,
  ): Promise<readonly StreamAppend[]> {
    if (deviceId === null) return [];
    const loaded = await loadDevice(actors, deviceId);
    if (loaded.stage.state !== 'trusted') return [];
    const append = actors.prepare(device, loaded, { type: 'revoke', reason }, origin);
    return append === null ? [] : [append];
  }

  async function assignDevice(caller: Caller, { systemId, deviceId, tenant }: DeviceContext): Promise<void> {
    const loaded = await loadSite(actors, systemId);
    const { deviceId: replaced } = ownSite(caller, systemId, loaded);
    const origin = originOf(caller, systemId, newId());
    const identity = { deviceId, systemId, tenant };
    const added = { ...(await loadDevice(actors, deviceId)), streamId: streamId('device', deviceId) };
    const appends = [
      actors.prepare(device, added, { type: 'add', device: identity }, origin),
      actors.prepare(site, loaded, { type: 'assign-device', deviceId }, origin),
    ].filter((append) => append !== null);
    await log.commit({
      appends: [...appends, ...(await revocation(replaced, `replaced by ${deviceId}`, origin))],
    });
  }

  const addDevice: SiteControl['addDevice'] = async (caller, systemId) => {
    ownSite(caller, systemId, await loadSite(actors, systemId));
    const identity = { deviceId: `dev-${newId()}`, systemId, tenant: caller.tenant };
    const secret = newSecret();
    // The credential first: a device that the log knows can always prove who it is.
    await credentials.add(identity, secret);
    // A site is written by the cloud too, right after its registration.
    await againAfterRaces(() => assignDevice(caller, identity));
    return { deviceId: identity.deviceId, secret };
  };

  const revokeDevice: SiteControl['revokeDevice'] = async (caller, deviceId, reason) => {
    const loaded = await loadDevice(actors, deviceId);
    const { tenant, systemId } = loaded.stage.context;
    if (loaded.stage.state === 'new' || tenant !== caller.tenant)
      throw new NotFound('device', deviceId, DEVICE_HINT);
    await actors.send(
      device,
      loaded.streamId,
      { type: 'revoke', reason },
      originOf(caller, systemId, newId()),
    );
  };

  async function tellSchedule(
    caller: Caller,
    systemId: string,
    command: Parameters<typeof site.decide>[1],
  ): Promise<void> {
    const loaded = await loadSite(actors, systemId);
    ownSite(caller, systemId, loaded);
    await actors.send(site, loaded.streamId, command, originOf(caller, systemId, newId()));
  }

  const pauseRetrains: SiteControl['pauseRetrains'] = (caller, systemId, reason) =>
    tellSchedule(caller, systemId, { type: 'pause-retrains', reason });
  const resumeRetrains: SiteControl['resumeRetrains'] = (caller, systemId) =>
    tellSchedule(caller, systemId, { type: 'resume-retrains' });

  return { pauseRetrains, resumeRetrains, putSite, getSite, decommissionSite, addDevice, revokeDevice };
}
