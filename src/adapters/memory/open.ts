import { createCatalogueRules, type FactRules } from '../../events/catalogue.ts';
import type { EffectQueue } from '../../ports/effect-queue.ts';
import type { EventLog } from '../../ports/event-log.ts';
import type { Projection } from '../../projections/projection.ts';
import { createMemoryEffectQueue } from './effect-queue.ts';
import { createMemoryEventLog } from './event-log.ts';
import { createMemoryReadModels, type MemoryReadModels } from './read-models.ts';
import { createListeners, emptyState } from './state.ts';

export interface OpenMemoryOptions {
  readonly projections?: readonly Projection[] | undefined;
  readonly rules?: FactRules | undefined;
  /** The machine clock in milliseconds; a test may move it to let leases run out. */
  readonly now?: (() => number) | undefined;
}

export interface Memory {
  readonly log: EventLog;
  readonly effects: EffectQueue;
  readonly readModels: MemoryReadModels;
}

/** Log, effect queue and read models over one state in memory, for tests of whatever stands on the ports. */
export function openMemory(options: OpenMemoryOptions = {}): Memory {
  const { rules = createCatalogueRules(), now = Date.now, projections = [] } = options;
  const state = emptyState();
  const onFacts = createListeners();
  const onEffects = createListeners();
  return {
    log: createMemoryEventLog({ state, onFacts, onEffects, rules, now }),
    effects: createMemoryEffectQueue({ state, onEffects, now }),
    readModels: createMemoryReadModels({ state, projections, rules }),
  };
}
