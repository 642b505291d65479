import type { FleetFact } from '../events/fleet.ts';
import type { RegistryOperation } from '../events/registry.ts';
import type { Guard } from './guard.ts';
import type { Stage } from './lifecycle.ts';
import { illegal, lifecycleOf, type TransitionTable } from './table.ts';

/** Whether a tenant's models go out by themselves. What was stopped is resumed by a person alone. */

export type FleetState = 'deploying' | 'stopped';

type Stop = Extract<FleetFact, { type: 'FleetStopped' }>['data'];

export interface FleetContext {
  readonly stop: Stop | null;
}

export type FleetStage = Stage<FleetState, FleetContext>;

export type FleetCommand =
  | { readonly type: 'stop'; readonly stop: Stop }
  | { readonly type: 'resume'; readonly reason: string };

/** More failed than the share of a whole window allows, also while there were fewer deployments than that. */
const tooManyFailed: Guard<FleetContext, Stop> = {
  name: 'too-many-failed',
  needs: 'fact',
  judge: (_, { failed, settled, window, limit }) => ({
    holds: failed > limit * window,
    values: { failed, ofDeployments: settled, window, limit: { share: limit } },
  }),
};

const table: TransitionTable<FleetState, FleetFact, FleetContext> = {
  deploying: {
    FleetStopped: {
      to: 'stopped',
      update: (context, stop) => ({ ...context, stop }),
      guards: [tooManyFailed],
    },
    FleetResumed: illegal,
  },
  stopped: {
    FleetStopped: illegal,
    FleetResumed: { to: 'deploying' },
  },
};

function facts(command: FleetCommand): readonly FleetFact[] {
  switch (command.type) {
    case 'stop':
      return [{ type: 'FleetStopped', data: command.stop }];
    case 'resume':
      return [{ type: 'FleetResumed', data: { reason: command.reason } }];
  }
}

function registry({ context }: FleetStage, fact: FleetFact): readonly RegistryOperation[] {
  if (context.stop === null) return [];
  const operation = fact.type === 'FleetStopped' ? 'set' : 'release';
  return [{ operation, kind: 'stopped-fleet', key: context.stop.tenant, value: 'stopped' }];
}

export const fleet = lifecycleOf<FleetState, FleetCommand, FleetFact, FleetContext>({
  name: 'fleet',
  version: 1,
  streamType: 'fleet',
  initial: 'deploying',
  context: { stop: null },
  table,
  commands: { stop: ['FleetStopped'], resume: ['FleetResumed'] },
  facts,
  registry,
});
