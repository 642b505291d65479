import type { Origin } from '../../actors/stream-actor.ts';
import type { RolloutCommand } from '../../machines/rollout-commands.ts';
import type { RolloutContext } from '../../machines/rollout-model.ts';
import type { StreamAppend } from '../../ports/event-log.ts';
import type { CloudDependencies, RolloutPace } from '../dependencies.ts';

/** What a rollout does next: a command with what has to be written along with it, or a look some time later. */
export type Step =
  | { readonly command: RolloutCommand; readonly along?: readonly StreamAppend[] }
  | { readonly wait: keyof RolloutPace };

/** A rollout as one look at it finds it. */
export interface RolloutLook {
  readonly cloud: RolloutDependencies;
  readonly rolloutId: string;
  readonly tenant: string;
  readonly context: RolloutContext;
  /** The site clock's instant. */
  readonly now: Date;
  /** Of the facts about a site that go along with the rollout's own. */
  readonly origin: (systemId: string | null) => Origin;
}

/** One thing that a rollout may have to do; null when it has not. */
export type Work = (look: RolloutLook) => Promise<Step | null>;

export type RolloutDependencies = Pick<
  CloudDependencies,
  | 'actors'
  | 'log'
  | 'readModels'
  | 'clocks'
  | 'artifacts'
  | 'newId'
  | 'offerLifetimeMs'
  | 'scores'
  | 'rolloutPace'
>;

/** Sites that one fact of a look tells of, so that a lost race costs little. */
export const SITES_A_LOOK = 25;
