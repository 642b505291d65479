import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { Logger } from 'pino';

/** Spans of this node since its start, by what became of them. */
export interface SpanCounts {
  /** Taken by the receiver. */
  readonly sent: number;
  /** Given up, after some tries. */
  readonly failed: number;
  /** Not kept, since too many wait already. */
  readonly dropped: number;
}

export interface WatchedExports {
  readonly exporter: SpanExporter;
  /** Stands before the processor that batches, which would drop without a word. */
  limit(batching: SpanProcessor): SpanProcessor;
  counts(): SpanCounts;
}

const SUCCESS = 0;

/**
 * Counts what becomes of spans, and says it when they begin to be lost and when they arrive again: a receiver that is
 * away costs two lines, however long it is.
 */
export function watchExports(inner: SpanExporter, mostWaiting: number, logger: Logger): WatchedExports {
  const counts = { sent: 0, failed: 0, dropped: 0 };
  let waiting = 0;
  let failing = false;

  function tell(failure: string | null): void {
    if (failing === (failure !== null)) return;
    failing = failure !== null;
    if (failing) logger.warn({ reason: failure }, 'traces cannot be sent: they are dropped until they can');
    else logger.warn({ ...counts }, 'traces are sent again');
  }

  const exporter: SpanExporter = {
    export(spans, done) {
      waiting -= spans.length;
      inner.export(spans, (result) => {
        const sent = result.code === SUCCESS;
        counts[sent ? 'sent' : 'failed'] += spans.length;
        tell(sent ? null : (result.error?.message ?? 'no reason given'));
        done(result);
      });
    },
    shutdown: () => inner.shutdown(),
  };

  return {
    exporter,
    limit: (batching) => ({
      onStart: (span, parent) => batching.onStart(span, parent),
      onEnd(span: ReadableSpan) {
        if (waiting >= mostWaiting) {
          counts.dropped += 1;
          return;
        }
        waiting += 1;
        batching.onEnd(span);
      },
      forceFlush: () => batching.forceFlush(),
      shutdown: () => batching.shutdown(),
    }),
    counts: () => ({ ...counts }),
  };
}
