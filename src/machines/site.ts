import type { RegistryOperation } from '../events/registry.ts';
import type { SiteFact, SiteSettings } from '../events/site.ts';
import type { Stage } from './lifecycle.ts';
import { type EffectRule, illegal, lifecycleOf, type TransitionTable } from './table.ts';

/** A site from its registration to its decommissioning. A decommissioned id stays taken. */

export type SiteState = 'new' | 'registered' | 'decommissioned';

export interface SiteContext {
  readonly systemId: string;
  readonly tenant: string;
  readonly settings: SiteSettings | null;
  readonly deviceId: string | null;
  /** Slot of the next weekly retrain, ISO 8601. */
  readonly nextRetrain: string | null;
  /** When it begins; at the slot itself when absent. */
  readonly nextStart?: string | undefined;
  /** Why weekly slots pass without a job; absent while they do not. */
  readonly paused?: string | undefined;
}

export type SiteStage = Stage<SiteState, SiteContext>;

export type SiteCommand =
  | {
      readonly type: 'register';
      readonly systemId: string;
      readonly tenant: string;
      readonly settings: SiteSettings;
    }
  | { readonly type: 'change'; readonly settings: SiteSettings }
  | { readonly type: 'assign-device'; readonly deviceId: string }
  | {
      readonly type: 'schedule-retrain';
      readonly slot: string;
      readonly startsAt: string;
      readonly skipped: { readonly slot: string; readonly reason: string } | null;
    }
  | { readonly type: 'pause-retrains'; readonly reason: string }
  | { readonly type: 'resume-retrains' }
  | { readonly type: 'decommission'; readonly reason: string };

const planRetrain = {
  type: 'plan-weekly-retrain',
  lane: 'quick',
  request: ({ systemId }: SiteContext) => ({ data: { systemId } }),
} as const;
const startWeeklyRetrain: EffectRule<SiteContext, { readonly slot: string; readonly startsAt?: string }> = {
  type: 'start-weekly-retrain',
  lane: 'quick',
  request: ({ systemId }, { slot, startsAt = slot }) => ({
    data: { systemId, slot },
    due: { clock: 'site', at: startsAt },
  }),
};
const withdrawSite = {
  type: 'withdraw-site',
  lane: 'quick',
  request: ({ systemId }: SiteContext) => ({ data: { systemId } }),
} as const;
const equipDevice = {
  type: 'equip-device',
  lane: 'quick',
  request: ({ systemId }: SiteContext) => ({ data: { systemId } }),
} as const;
const publishConfig = {
  type: 'publish-config',
  lane: 'quick',
  request: ({ systemId }: SiteContext) => ({ data: { systemId } }),
} as const;

const table: TransitionTable<SiteState, SiteFact, SiteContext> = {
  new: {
    SiteRegistered: {
      to: 'registered',
      update: (context, { systemId, tenant, settings }) => ({ ...context, systemId, tenant, settings }),
      effects: [planRetrain, publishConfig],
    },
    SiteChanged: illegal,
    DeviceAssigned: illegal,
    RetrainScheduled: illegal,
    RetrainsPaused: illegal,
    RetrainsResumed: illegal,
    SiteDecommissioned: illegal,
  },
  registered: {
    SiteRegistered: illegal,
    SiteChanged: {
      to: 'registered',
      update: (context, { settings }) => ({ ...context, settings }),
      // The zone may have changed, and with it the instant of the next slot.
      effects: [planRetrain, publishConfig],
    },
    DeviceAssigned: {
      to: 'registered',
      update: (context, { deviceId }) => ({ ...context, deviceId }),
      effects: [publishConfig, equipDevice],
    },
    RetrainScheduled: {
      to: 'registered',
      update: (context, { slot, startsAt = slot }) => ({
        ...context,
        nextRetrain: slot,
        // What the machine assigns is laid over what was there: a key that is left out would stay.
        nextStart: startsAt === slot ? undefined : startsAt,
      }),
      effects: [startWeeklyRetrain],
    },
    RetrainsPaused: { to: 'registered', update: (context, { reason }) => ({ ...context, paused: reason }) },
    RetrainsResumed: { to: 'registered', update: (context) => ({ ...context, paused: undefined }) },
    SiteDecommissioned: { to: 'decommissioned', effects: [withdrawSite] },
  },
  decommissioned: {
    SiteRegistered: illegal,
    SiteChanged: illegal,
    DeviceAssigned: illegal,
    RetrainScheduled: illegal,
    RetrainsPaused: illegal,
    RetrainsResumed: illegal,
    SiteDecommissioned: illegal,
  },
};

const scheduleOf = ({ slot, startsAt, skipped }: Extract<SiteCommand, { type: 'schedule-retrain' }>) => ({
  slot,
  ...(startsAt === slot ? {} : { startsAt }),
  skipped,
});

function facts(command: SiteCommand): readonly SiteFact[] {
  switch (command.type) {
    case 'register': {
      const { systemId, tenant, settings } = command;
      return [{ type: 'SiteRegistered', data: { systemId, tenant, settings } }];
    }
    case 'change':
      return [{ type: 'SiteChanged', data: { settings: command.settings } }];
    case 'assign-device':
      return [{ type: 'DeviceAssigned', data: { deviceId: command.deviceId } }];
    case 'schedule-retrain':
      return [{ type: 'RetrainScheduled', data: scheduleOf(command) }];
    case 'pause-retrains':
      return [{ type: 'RetrainsPaused', data: { reason: command.reason } }];
    case 'resume-retrains':
      return [{ type: 'RetrainsResumed', data: {} }];
    case 'decommission':
      return [{ type: 'SiteDecommissioned', data: { reason: command.reason } }];
  }
}

function registry(
  { context: { systemId, deviceId } }: SiteStage,
  fact: SiteFact,
): readonly RegistryOperation[] {
  if (fact.type === 'DeviceAssigned') {
    return [{ operation: 'set', kind: 'active-device', key: systemId, value: fact.data.deviceId }];
  }
  if (fact.type === 'SiteDecommissioned' && deviceId !== null) {
    return [{ operation: 'release', kind: 'active-device', key: systemId, value: deviceId }];
  }
  return [];
}

export const site = lifecycleOf<SiteState, SiteCommand, SiteFact, SiteContext>({
  name: 'site',
  version: 1,
  streamType: 'site',
  initial: 'new',
  context: { systemId: '', tenant: '', settings: null, deviceId: null, nextRetrain: null },
  table,
  commands: {
    register: ['SiteRegistered'],
    change: ['SiteChanged'],
    'assign-device': ['DeviceAssigned'],
    'schedule-retrain': ['RetrainScheduled'],
    'pause-retrains': ['RetrainsPaused'],
    'resume-retrains': ['RetrainsResumed'],
    decommission: ['SiteDecommissioned'],
  },
  facts,
  registry,
});
