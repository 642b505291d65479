import { ALERT_RULES } from '../../events/alert.ts';
import { type SilenceScope, silenceKey } from '../../events/alert-silence.ts';
import type { EventFlag } from '../../events/site.ts';
import { streamId } from '../../events/stream-id.ts';
import { alert } from '../../machines/alert.ts';
import { alertSilence } from '../../machines/alert-silence.ts';
import { site } from '../../machines/site.ts';
import { type LoadedAlert, loadAlert, openedAlert } from '../alerts/open-alerts.ts';
import type { Caller, ControlPlane, Silence } from '../control-plane.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { againAfterRaces } from '../races.ts';
import { Invalid, NotFound } from '../refusals.ts';
import { loadSite } from '../streams.ts';
import { checkSettings, originOf, ownSite } from './site-control.ts';

type AlertControl = Pick<
  ControlPlane,
  'getAlert' | 'acknowledgeAlert' | 'acceptFlag' | 'addEventFlag' | 'setSilence' | 'liftSilence' | 'silences'
>;

const ALERT_HINT = 'list your alerts with GET /api/v1/ml/alerts';
const MOST_FLAGS = 20;
const MOST_SILENCES = 1_000;

/** The stream of what is kept silent: one for each scope. */
const silenceStream = (scope: SilenceScope): string =>
  streamId('alert-silence', silenceKey(scope).replaceAll('/', '.'));

function silenceOf(key: string, until: string): Silence {
  const [, systemId = '_', rule = '_'] = key.split('/');
  return {
    systemId: systemId === '_' ? null : systemId,
    rule: ALERT_RULES.find((known) => known === rule) ?? null,
    until,
  };
}

export function createAlertControl({ actors, log, clocks, newId }: CloudDependencies): AlertControl {
  async function ownAlert(caller: Caller, alertId: string): Promise<LoadedAlert> {
    const loaded = await loadAlert(actors, alertId);
    const { alert: opened } = loaded.stage.context;
    if (opened === null || opened.tenant !== caller.tenant) throw new NotFound('alert', alertId, ALERT_HINT);
    return loaded;
  }

  /** The append that gives the site one more event flag. */
  async function prepareFlag(caller: Caller, systemId: string, flag: EventFlag) {
    const loaded = await loadSite(actors, systemId);
    const { settings } = ownSite(caller, systemId, loaded);
    const { eventFlags = [] } = settings;
    if (eventFlags.length >= MOST_FLAGS) {
      throw new Invalid(
        'too-many-flags',
        `the site has ${MOST_FLAGS} event flags: take one away with PUT /api/v1/systems/${systemId} first`,
      );
    }
    const changed = { ...settings, eventFlags: [...eventFlags, flag] };
    checkSettings(changed);
    return actors.prepare(
      site,
      loaded,
      { type: 'change', settings: changed },
      originOf(caller, systemId, newId()),
    );
  }

  const addEventFlag: AlertControl['addEventFlag'] = (caller, systemId, flag) =>
    againAfterRaces(async () => {
      const append = await prepareFlag(caller, systemId, flag);
      if (append !== null) await log.commit({ appends: [append] });
    });

  const acceptFlag: AlertControl['acceptFlag'] = (caller, alertId) =>
    againAfterRaces(async () => {
      const loaded = await ownAlert(caller, alertId);
      const { proposedFlag, systemId } = openedAlert(loaded);
      if (proposedFlag === null)
        throw new Invalid('no-flag-proposed', `alert ${alertId} proposes no event flag`);
      if (loaded.stage.context.acceptedFlag !== null) return;
      const origin = originOf(caller, systemId, alertId);
      const accepted = actors.prepare(alert, loaded, { type: 'accept-flag' }, origin);
      const changed = await prepareFlag(caller, systemId, proposedFlag);
      await log.commit({ appends: [accepted, changed].filter((append) => append !== null) });
    });

  const acknowledgeAlert: AlertControl['acknowledgeAlert'] = async (caller, alertId, note) => {
    const loaded = await ownAlert(caller, alertId);
    const { systemId } = openedAlert(loaded);
    const origin = originOf(caller, systemId, alertId);
    await actors.send(alert, loaded.streamId, { type: 'acknowledge', note }, origin);
  };

  const scopeOf = (
    { tenant }: Caller,
    { systemId, rule }: Pick<Silence, 'systemId' | 'rule'>,
  ): SilenceScope => ({
    ...{ tenant, systemId, rule },
  });

  const setSilence: AlertControl['setSilence'] = async (caller, { until, ...about }, reason) => {
    if (!(Date.parse(until) > clocks.site.now().getTime()))
      throw new Invalid('silence-over', `${until} is over already: give an instant in the future`);
    if (about.systemId !== null) ownSite(caller, about.systemId, await loadSite(actors, about.systemId));
    const scope = scopeOf(caller, about);
    const command = { type: 'silence', scope, until: new Date(until).toISOString(), reason } as const;
    const origin = originOf(caller, about.systemId, newId());
    await actors.send(alertSilence, silenceStream(scope), command, origin);
  };

  const liftSilence: AlertControl['liftSilence'] = async (caller, about, reason) => {
    const origin = originOf(caller, about.systemId, newId());
    await actors.send(alertSilence, silenceStream(scopeOf(caller, about)), { type: 'lift', reason }, origin);
  };

  const silences: AlertControl['silences'] = async (caller) => {
    const prefix = `${caller.tenant}/`;
    const now = clocks.site.now().getTime();
    const entries = await log.entries('alert-silence', prefix, MOST_SILENCES);
    return entries
      .filter(({ key, value }) => key.startsWith(prefix) && Date.parse(value) > now)
      .map(({ key, value }) => silenceOf(key, value));
  };

  return {
    getAlert: ownAlert,
    ...{ acknowledgeAlert, acceptFlag, addEventFlag, setSilence, liftSilence, silences },
  };
}
