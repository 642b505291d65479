import type { EvaluationFact, EvaluationResult } from '../events/evaluation.ts';
import type { Stage } from './lifecycle.ts';
import { illegal, lifecycleOf, type TransitionTable } from './table.ts';

/** An evaluation of a model version over a long period: asked for, worked on by any node, and fetched later. */

export type EvaluationState = 'new' | 'requested' | 'completed' | 'failed' | 'cancelled';

type DataOf<Type extends EvaluationFact['type']> = Extract<EvaluationFact, { type: Type }>['data'];

export interface EvaluationContext {
  readonly request: DataOf<'EvaluationRequested'> | null;
  readonly result: EvaluationResult | null;
  /** Why there is no result. */
  readonly failure: DataOf<'EvaluationFailed'> | null;
}

export type EvaluationStage = Stage<EvaluationState, EvaluationContext>;

export type EvaluationCommand =
  | { readonly type: 'request'; readonly request: DataOf<'EvaluationRequested'> }
  | { readonly type: 'complete'; readonly result: EvaluationResult }
  | { readonly type: 'fail'; readonly code: string; readonly reason: string }
  | { readonly type: 'cancel'; readonly reason: string };

const effect = (type: string, lane: 'quick' | 'slow') =>
  ({
    type,
    lane,
    request: ({ request }: EvaluationContext) => ({ data: { evaluationId: request?.evaluationId ?? '' } }),
  }) as const;

const ended = {
  EvaluationRequested: illegal,
  EvaluationCompleted: illegal,
  EvaluationFailed: illegal,
  EvaluationCancelled: illegal,
} as const;

const table: TransitionTable<EvaluationState, EvaluationFact, EvaluationContext> = {
  new: {
    ...ended,
    EvaluationRequested: {
      to: 'requested',
      update: (context, request) => ({ ...context, request }),
      effects: [effect('evaluate-version', 'slow')],
    },
  },
  requested: {
    EvaluationRequested: illegal,
    EvaluationCompleted: {
      to: 'completed',
      update: (context, { result }) => ({ ...context, result }),
    },
    EvaluationFailed: { to: 'failed', update: (context, failure) => ({ ...context, failure }) },
    EvaluationCancelled: { to: 'cancelled', effects: [effect('stop-evaluation', 'quick')] },
  },
  completed: ended,
  failed: ended,
  cancelled: ended,
};

function facts(command: EvaluationCommand): readonly EvaluationFact[] {
  switch (command.type) {
    case 'request':
      return [{ type: 'EvaluationRequested', data: command.request }];
    case 'complete':
      return [{ type: 'EvaluationCompleted', data: { result: command.result } }];
    case 'fail':
      return [{ type: 'EvaluationFailed', data: { code: command.code, reason: command.reason } }];
    case 'cancel':
      return [{ type: 'EvaluationCancelled', data: { reason: command.reason } }];
  }
}

export const evaluation = lifecycleOf<EvaluationState, EvaluationCommand, EvaluationFact, EvaluationContext>({
  name: 'evaluation',
  version: 1,
  streamType: 'evaluation',
  initial: 'new',
  context: { request: null, result: null, failure: null },
  table,
  commands: {
    request: ['EvaluationRequested'],
    complete: ['EvaluationCompleted'],
    fail: ['EvaluationFailed'],
    cancel: ['EvaluationCancelled'],
  },
  facts,
  registry: () => [],
});
