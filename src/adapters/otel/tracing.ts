import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Span as ApiSpan,
  type Context,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';
import type { Attributes, OpenSpan, SpanOptions, Tracing } from '../../ports/tracing.ts';
import { type SpanCounts, watchExports } from './exports.ts';
import { createSampler } from './samplers.ts';
import type { OtelSettings } from './settings.ts';
import { parseTraceparent, traceparentOf } from './traceparent.ts';

export interface OtelTracingOptions {
  readonly settings: OtelSettings;
  /** Takes secrets out of what a span tells of an error. */
  readonly clean: (text: string) => string;
  readonly logger: Logger;
}

export interface OtelTracing extends Tracing {
  counts(): SpanCounts;
  /** Sends what waits, for a moment at most. */
  close(): Promise<void>;
}

const SCOPE = 'lifo4-ml';
/** A receiver that does not answer must not hold up the end of the program. */
const LAST_WORDS_MS = 2_000;
const LARGEST_BATCH = 512;
const LONGEST_REASON = 1_000;

const KINDS = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER };

const linksOf = (links: readonly string[]): Link[] =>
  links.flatMap((link) => parseTraceparent(link) ?? []).map((context) => ({ context }));

function createTracer({ settings, logger }: OtelTracingOptions) {
  const { url, protocol, headers, resource, sampler, ratio, delayMs, mostWaiting } = settings;
  const Exporter = protocol === 'http/json' ? JsonExporter : ProtobufExporter;
  const watched = watchExports(new Exporter({ url, headers: { ...headers } }), mostWaiting, logger);
  const batching = new BatchSpanProcessor({
    exporter: watched.exporter,
    ...{ scheduledDelayMillis: delayMs, maxQueueSize: mostWaiting },
    maxExportBatchSize: Math.min(LARGEST_BATCH, mostWaiting),
  });
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ ...resource })),
    sampler: createSampler(sampler, ratio),
    spanProcessors: [watched.limit(batching)],
  });
  return { provider, tracer: provider.getTracer(SCOPE), counts: watched.counts };
}

function openSpan(span: ApiSpan, active: AsyncLocalStorage<SpanContext>, clean: (text: string) => string) {
  const context = span.spanContext();
  return {
    traceId: context.traceId,
    traceparent: traceparentOf(context),
    set: (attributes: Attributes) => void span.setAttributes(mutable(attributes)),
    fail: (reason: string) =>
      void span.setStatus({
        code: SpanStatusCode.ERROR,
        message: clean(reason.slice(0, LONGEST_REASON)),
      }),
    run: (work) => active.run(context, work),
    end: () => span.end(),
  } satisfies OpenSpan;
}

/** The library's attributes can be written to. */
const mutable = (attributes: Attributes) =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, typeof value === 'object' ? [...value] : value]),
  );

/** Traces as OpenTelemetry has them, sent by OTLP over HTTP. Nothing global is set, and nothing is instrumented. */
export function createOtelTracing(options: OtelTracingOptions): OtelTracing {
  const { provider, tracer, counts } = createTracer(options);
  const active = new AsyncLocalStorage<SpanContext>();

  function contextOf(parent: string | null | undefined): Context {
    const above = typeof parent === 'string' ? parseTraceparent(parent) : null;
    const context = parent === undefined ? active.getStore() : above;
    return context == null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context);
  }

  function begin(from: Tracer, name: string, { kind, parent, links = [], attributes = {} }: SpanOptions) {
    const about = { attributes: mutable(attributes), links: linksOf(links) };
    const ofKind = kind === undefined ? {} : { kind: KINDS[kind] };
    return from.startSpan(name, { ...about, ...ofKind }, contextOf(parent));
  }

  return {
    enabled: true,
    start: (name, wishes = {}) => openSpan(begin(tracer, name, wishes), active, options.clean),
    record(name, from, to, attributes) {
      const about = { startTime: from, attributes: mutable(attributes) };
      tracer.startSpan(name, about, contextOf(undefined)).end(to);
    },
    counts,
    async close() {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, LAST_WORDS_MS);
      // What could not be sent is counted and told already.
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}
