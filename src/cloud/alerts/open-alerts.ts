import type { Loaded, StreamActors } from '../../actors/stream-actor.ts';
import type { AlertRule, OpenedAlert } from '../../events/alert.ts';
import { silencesOf } from '../../events/alert-silence.ts';
import { streamId } from '../../events/stream-id.ts';
import { type AlertContext, type AlertState, alert } from '../../machines/alert.ts';
import type { EventLog } from '../../ports/event-log.ts';

/** Reading alerts by the ids that people know. */

export type LoadedAlert = Loaded<AlertState, AlertContext>;

type Dependencies = { readonly actors: StreamActors; readonly log: EventLog };

/** More rules than there are. */
const MOST = 20;

export const loadAlert = (actors: StreamActors, alertId: string): Promise<LoadedAlert> =>
  actors.load(alert, streamId('alert', alertId));

/** The alert's first fact; throws for a stream that has none. */
export function openedAlert({ stage, streamId: id }: LoadedAlert): OpenedAlert {
  const { alert: opened } = stage.context;
  if (opened === null) throw new Error(`stream ${id} is empty`);
  return opened;
}

/** The site's alerts that are not resolved. */
export async function openAlerts(
  { actors, log }: Dependencies,
  systemId: string,
): Promise<readonly LoadedAlert[]> {
  const prefix = `${systemId}/`;
  const entries = await log.entries('open-alert', prefix, MOST);
  const own = entries.filter(({ key }) => key.startsWith(prefix));
  return Promise.all(own.map(({ value }) => loadAlert(actors, value)));
}

/** Until when nobody is to be told of such an alert, null when everybody is. */
export async function silencedUntil(
  { log }: Pick<Dependencies, 'log'>,
  {
    tenant,
    systemId,
    rule,
  }: { readonly tenant: string; readonly systemId: string; readonly rule: AlertRule },
  now: Date,
): Promise<string | null> {
  const keys = silencesOf(tenant, systemId, rule);
  const ends = await Promise.all(keys.map((key) => log.lookup('alert-silence', key)));
  const lasting = ends.filter((until) => until !== null && Date.parse(until) > now.getTime());
  return lasting.sort().at(-1) ?? null;
}
