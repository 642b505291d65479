import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import type { SpanCounts } from '../adapters/otel/exports.ts';
import { NO_TRACING, type Tracing } from '../ports/tracing.ts';
import type { Closing } from './closing.ts';
import { type Config, secretsOf } from './config.ts';
import { createRedaction } from './logging.ts';

export interface OpenedTracing {
  readonly tracing: Tracing;
  readonly counts: () => SpanCounts;
}

const NONE: SpanCounts = { sent: 0, failed: 0, dropped: 0 };

/** Traces of this node where a receiver is named. `instance` tells it from other nodes. */
export async function openTracing(
  config: Config,
  instance: string,
  logger: Logger,
  closing: Closing,
): Promise<OpenedTracing> {
  const { otel } = config;
  if (otel === null) return { tracing: NO_TRACING, counts: () => NONE };
  // Loaded here, so that a node without traces does not carry the SDK.
  const { createOtelTracing } = await import('../adapters/otel/tracing.ts');
  const tracing = createOtelTracing({
    settings: { ...otel, resource: { 'service.instance.id': instance, ...otel.resource } },
    clean: createRedaction(secretsOf(config)),
    logger: logger.child({ part: 'traces' }),
  });
  closing.add('traces', () => tracing.close());
  return { tracing, counts: tracing.counts };
}

export function addTraceMetrics(registry: Registry, counts: OpenedTracing['counts']): void {
  new Counter({
    name: 'lifo4_trace_spans_total',
    help: 'Spans of this node’s traces, by what became of them: sent, failed, or dropped since too many waited.',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(counts())) this.inc({ outcome }, count);
    },
  });
}
