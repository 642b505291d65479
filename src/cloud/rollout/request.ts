import type { PlannedSite, RolloutRules } from '../../events/rollout-plan.ts';
import type { ModelType } from '../../events/values.ts';

/** What people ask of rollouts, and what is answered. */

/** So many sites in all, or a share of those planned. */
export type StageWish = { readonly sites: number } | { readonly share: number };

export interface RolloutRequest {
  /** In the order in which they get their version; null for every site that has a newer one, in a mixed order. */
  readonly sites:
    | readonly { readonly systemId: string; readonly version?: string; readonly modelType?: ModelType }[]
    | null;
  /** Only sites of this zone; null for all. */
  readonly zone: string | null;
  readonly note: string;
  readonly stages: readonly StageWish[];
  readonly rules: Omit<RolloutRules, 'stages'>;
  readonly idempotencyKey?: string;
}

/** A site that the rollout leaves as it is, and why. */
export interface UnplannedSite {
  readonly systemId: string;
  readonly reason: string;
}

/** What a rollout would do if it began now. */
export interface RolloutPlan {
  readonly rules: RolloutRules;
  readonly sites: readonly PlannedSite[];
  readonly left: readonly UnplannedSite[];
}
