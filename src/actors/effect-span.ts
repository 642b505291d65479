import type { LeasedEffect } from '../ports/effect-queue.ts';
import { inLog, type OpenSpan, type SpanOptions, type Tracing } from '../ports/tracing.ts';
import type { EffectOutcome } from './effect-handler.ts';

/** What each line about an effect carries: with `stream` all lines about a job or a deployment are found. */
export const aboutEffect = (
  { key, streamId, tenant, cause, effect: { type } }: LeasedEffect,
  span: OpenSpan,
) => ({
  ...{ effect: key, stream: streamId, type, tenant },
  ...(cause === null ? {} : { correlation: cause.correlationId }),
  ...inLog(span),
});

/** Work that is due at once belongs to what asked for it; what comes later, or again and again, is only linked. */
function placeOf({ cause, effect }: LeasedEffect): Pick<SpanOptions, 'parent' | 'links'> {
  const { trace } = cause ?? {};
  if (trace === undefined) return { parent: null };
  return effect.due === undefined ? { parent: trace } : { parent: null, links: [trace] };
}

export function startEffectSpan(tracing: Tracing, leased: LeasedEffect): OpenSpan {
  const { key, tries, streamId, tenant, effect } = leased;
  const attributes = {
    ...{ 'lifo4.effect.key': key, 'lifo4.effect.tries': tries },
    ...{ 'lifo4.stream': streamId, 'lifo4.tenant': tenant },
  };
  return tracing.start(`effect ${effect.type}`, { kind: 'consumer', ...placeOf(leased), attributes });
}

/** Outcomes after which the effect has not done what it is for. */
const FAILURES: ReadonlySet<EffectOutcome> = new Set(['retried', 'buried', 'given-up', 'lost']);

export function endEffectSpan(span: OpenSpan, outcome: EffectOutcome): void {
  span.set({ 'lifo4.effect.outcome': outcome });
  if (FAILURES.has(outcome)) span.fail(outcome);
}
