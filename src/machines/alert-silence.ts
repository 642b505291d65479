import { type AlertSilenceFact, type SilenceScope, silenceKey } from '../events/alert-silence.ts';
import type { RegistryOperation } from '../events/registry.ts';
import type { Stage } from './lifecycle.ts';
import { illegal, lifecycleOf, type TransitionTable } from './table.ts';

/** Whether alerts of a site, of a rule, or of both are told to nobody for a time. It ends by itself at `until`. */

export type AlertSilenceState = 'audible' | 'silenced';

export interface AlertSilenceContext {
  readonly scope: SilenceScope | null;
  readonly until: string | null;
}

export type AlertSilenceCommand =
  | {
      readonly type: 'silence';
      readonly scope: SilenceScope;
      readonly until: string;
      readonly reason: string;
    }
  | { readonly type: 'lift'; readonly reason: string };

const set = {
  to: 'silenced',
  update: (context: AlertSilenceContext, { scope, until }: { scope: SilenceScope; until: string }) => ({
    ...context,
    scope,
    until,
  }),
} as const;

const table: TransitionTable<AlertSilenceState, AlertSilenceFact, AlertSilenceContext> = {
  audible: { SilenceSet: set, SilenceLifted: illegal },
  silenced: { SilenceSet: set, SilenceLifted: { to: 'audible' } },
};

function facts(command: AlertSilenceCommand): readonly AlertSilenceFact[] {
  switch (command.type) {
    case 'silence': {
      const { scope, until, reason } = command;
      return [{ type: 'SilenceSet', data: { scope, until, reason } }];
    }
    case 'lift':
      return [{ type: 'SilenceLifted', data: { reason: command.reason } }];
  }
}

function registry(
  { context: { scope, until } }: Stage<AlertSilenceState, AlertSilenceContext>,
  fact: AlertSilenceFact,
): readonly RegistryOperation[] {
  if (scope === null || until === null) return [];
  const operation = fact.type === 'SilenceSet' ? 'set' : 'release';
  return [{ operation, kind: 'alert-silence', key: silenceKey(scope), value: until }];
}

export const alertSilence = lifecycleOf<
  AlertSilenceState,
  AlertSilenceCommand,
  AlertSilenceFact,
  AlertSilenceContext
>({
  name: 'alert-silence',
  version: 1,
  streamType: 'alert-silence',
  initial: 'audible',
  context: { scope: null, until: null },
  table,
  commands: { silence: ['SilenceSet'], lift: ['SilenceLifted'] },
  facts,
  registry,
});
