import type { AlertFact, OpenedAlert } from '../events/alert.ts';
import type { RegistryOperation } from '../events/registry.ts';
import type { Guard } from './guard.ts';
import type { Stage } from './lifecycle.ts';
import { type EffectRule, illegal, lifecycleOf, type TransitionTable } from './table.ts';

/** An alert about a site's forecasts, until they recover. Acknowledging says that somebody is at it, no more. */

export type AlertState = 'new' | 'open' | 'acknowledged' | 'resolved';

export interface AlertContext {
  readonly alert: OpenedAlert | null;
  /** The job that the alert itself started; there is at most one, so that a retrain that does not help ends there. */
  readonly retrainJobId: string | null;
  readonly acceptedFlag: string | null;
}

export type AlertStage = Stage<AlertState, AlertContext>;

export type AlertCommand =
  | { readonly type: 'open'; readonly alert: OpenedAlert }
  | { readonly type: 'acknowledge'; readonly note: string }
  | { readonly type: 'start-retrain'; readonly jobId: string }
  | { readonly type: 'accept-flag' }
  | { readonly type: 'resolve'; readonly reason: 'recovered' | 'site-gone'; readonly day: string | null };

const idOf = ({ alert }: AlertContext) => ({ alertId: alert?.alertId ?? '' });

/** The site's open alerts, retained at the broker. */
const publishAlerts: EffectRule<AlertContext, unknown> = {
  type: 'publish-alerts',
  lane: 'quick',
  request: ({ alert }) => ({ data: { systemId: alert?.systemId ?? '' } }),
};
const notify = (event: string): EffectRule<AlertContext, unknown> => ({
  type: 'notify-alert',
  lane: 'quick',
  request: (context) => ({ data: { ...idOf(context), event } }),
});
/** Retrains on recent data where that is configured. */
const actOnAlert: EffectRule<AlertContext, unknown> = {
  type: 'act-on-alert',
  lane: 'quick',
  request: (context) => ({ data: idOf(context) }),
};

/** There is a flag to accept only where the alert proposed one. */
const flagProposed: Guard<AlertContext, unknown> = {
  name: 'flag-proposed',
  needs: 'stage',
  judge: ({ alert }) => {
    const label = alert?.proposedFlag?.label ?? null;
    return { holds: label !== null, values: { label } };
  },
};

const resolved = { to: 'resolved', effects: [publishAlerts, notify('resolved')] } as const;

const watched = (to: 'open' | 'acknowledged') =>
  ({
    AlertOpened: illegal,
    AlertRetrainStarted: {
      to,
      update: (context: AlertContext, { jobId }: { readonly jobId: string }) => ({
        ...context,
        retrainJobId: jobId,
      }),
    },
    ProposedFlagAccepted: {
      to,
      update: (context: AlertContext, { label }: { readonly label: string }) => ({
        ...context,
        acceptedFlag: label,
      }),
      guards: [flagProposed],
    },
    AlertResolved: resolved,
  }) as const;

const nothing = {
  AlertOpened: illegal,
  AlertAcknowledged: illegal,
  AlertRetrainStarted: illegal,
  ProposedFlagAccepted: illegal,
  AlertResolved: illegal,
} as const;

const table: TransitionTable<AlertState, AlertFact, AlertContext> = {
  new: {
    ...nothing,
    AlertOpened: {
      to: 'open',
      update: (context, alert) => ({ ...context, alert }),
      effects: [publishAlerts, notify('opened'), actOnAlert],
    },
  },
  open: {
    ...watched('open'),
    AlertAcknowledged: { to: 'acknowledged', effects: [publishAlerts, notify('acknowledged')] },
  },
  acknowledged: { ...watched('acknowledged'), AlertAcknowledged: illegal },
  resolved: nothing,
};

function facts(command: AlertCommand, stage: AlertStage, at: Date): readonly AlertFact[] {
  switch (command.type) {
    case 'open':
      return [{ type: 'AlertOpened', data: command.alert }];
    case 'acknowledge':
      return [{ type: 'AlertAcknowledged', data: { note: command.note } }];
    case 'start-retrain':
      return [{ type: 'AlertRetrainStarted', data: { jobId: command.jobId, at: at.toISOString() } }];
    case 'accept-flag':
      return [
        { type: 'ProposedFlagAccepted', data: { label: stage.context.alert?.proposedFlag?.label ?? '' } },
      ];
    case 'resolve':
      return [{ type: 'AlertResolved', data: { reason: command.reason, day: command.day } }];
  }
}

function registry({ context }: AlertStage, fact: AlertFact): readonly RegistryOperation[] {
  const { alert } = context;
  if (alert === null) return [];
  const { systemId, rule, alertId } = alert;
  const open = { kind: 'open-alert', key: `${systemId}/${rule}`, value: alertId } as const;
  switch (fact.type) {
    case 'AlertOpened':
      return [{ operation: 'claim', ...open }];
    case 'AlertResolved':
      return [{ operation: 'release', ...open }];
    case 'AlertRetrainStarted':
      return [{ operation: 'set', kind: 'latest-alert-retrain', key: systemId, value: fact.data.at }];
    case 'AlertAcknowledged':
    case 'ProposedFlagAccepted':
      return [];
  }
}

export const alert = lifecycleOf<AlertState, AlertCommand, AlertFact, AlertContext>({
  name: 'alert',
  version: 1,
  streamType: 'alert',
  initial: 'new',
  context: { alert: null, retrainJobId: null, acceptedFlag: null },
  table,
  commands: {
    open: ['AlertOpened'],
    acknowledge: ['AlertAcknowledged'],
    'start-retrain': ['AlertRetrainStarted'],
    'accept-flag': ['ProposedFlagAccepted'],
    resolve: ['AlertResolved'],
  },
  groups: { unresolved: ['open', 'acknowledged'] },
  facts,
  registry,
});
