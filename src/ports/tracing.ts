/**
 * Traces: what one request, message or piece of work set off, however many nodes and hours it takes. Places in a trace
 * are passed on as W3C `traceparent` (https://www.w3.org/TR/trace-context/), in facts too.
 */

export type Attributes = Readonly<Record<string, string | number | boolean | readonly string[]>>;

export interface SpanOptions {
  /** What it is to others: it answers them, or works on what they left. Work of our own when left out. */
  readonly kind?: 'server' | 'consumer';
  /** The `traceparent` that it belongs below; null begins a trace; left out, it is the span that runs. */
  readonly parent?: string | null;
  /** Places in other traces that led to this one. */
  readonly links?: readonly string[];
  readonly attributes?: Attributes;
}

/** One piece of work of a trace. */
export interface Span {
  /** Absent where nothing is traced. */
  readonly traceId?: string;
  readonly traceparent?: string;
  set(attributes: Attributes): void;
  /** The work did not do what it was for. */
  fail(reason: string): void;
}

/** A span that whoever began it must end. */
export interface OpenSpan extends Span {
  /** What begins in there, however it goes on, runs in this span. */
  run<Result>(work: () => Result): Result;
  end(): void;
}

export interface Tracing {
  /** False where spans go nowhere: what only they need is not to be prepared. */
  readonly enabled: boolean;
  start(name: string, options?: SpanOptions): OpenSpan;
  /** A part, known afterwards, of the span that runs. */
  record(name: string, from: Date, to: Date, attributes: Attributes): void;
}

const NO_SPAN: OpenSpan = {
  set: () => undefined,
  fail: () => undefined,
  run: (work) => work(),
  end: () => undefined,
};

export const NO_TRACING: Tracing = { enabled: false, start: () => NO_SPAN, record: () => undefined };

/** Does the work in a span, which ends with it and tells of its error. */
export async function inSpan<Result>(
  tracing: Tracing,
  name: string,
  options: SpanOptions,
  work: (span: Span) => Promise<Result>,
): Promise<Result> {
  if (!tracing.enabled) return work(NO_SPAN);
  const span = tracing.start(name, options);
  try {
    return await span.run(() => work(span));
  } catch (error) {
    span.fail(error instanceof Error ? error.message : String(error));
    throw error;
  } finally {
    span.end();
  }
}

/** What lines of the log carry of a span. */
export const inLog = ({ traceId }: Pick<Span, 'traceId'>): { readonly trace_id?: string } =>
  traceId === undefined ? {} : { trace_id: traceId };
