import pino from 'pino';
import { expect, it, onTestFinished, vi } from 'vitest';
import { startOtlpReceiver } from '../../test/services/otlp.ts';
import { createOtelTracing } from '../adapters/otel/tracing.ts';
import { readOtel } from '../main/settings/otel.ts';
import type { LeasedEffect } from '../ports/effect-queue.ts';
import { aboutEffect, endEffectSpan, startEffectSpan } from './effect-span.ts';

const ASKING = '0af7651916cd43dd8448eb211c80319c';
const TRACE = `00-${ASKING}-b7ad6b7169203331-01`;

const leased = (over: Partial<LeasedEffect> = {}): LeasedEffect => ({
  ...{ key: 'deployment-1@1#0', attempts: 1, tries: 1, streamId: 'deployment-1', tenant: 'acme' },
  effect: { type: 'publish-desired', data: {}, lane: 'quick' },
  cause: { correlationId: 'job-1', trace: TRACE },
  ...{ waitedSeconds: null, leaseUntil: new Date(0) },
  ...over,
});
const deadline = { clock: 'site', at: '2026-10-16T12:00:00Z' } as const;
const expiry = { type: 'expire-deployment', data: {}, lane: 'quick', due: deadline } as const;

/** The span of an effect that ended so, as it was received, and what its lines carry. */
async function spanOf(effect: LeasedEffect, outcome: 'done' | 'retried' = 'done') {
  const receiver = await startOtlpReceiver();
  onTestFinished(() => receiver.close());
  const settings = readOtel({
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    OTEL_BSP_SCHEDULE_DELAY: '10',
  });
  if (settings === null) throw new Error('tracing is off');
  const logger = pino({ level: 'silent' });
  const tracing = createOtelTracing({ settings, clean: (text) => text, logger });
  onTestFinished(() => tracing.close());
  const open = startEffectSpan(tracing, effect);
  endEffectSpan(open, outcome);
  open.end();
  await vi.waitFor(() => expect(receiver.spans).toHaveLength(1), { timeout: 10_000 });
  return { span: receiver.spans[0], about: aboutEffect(effect, open) };
}

it('an effect that is due at once belongs to the trace of the fact that asked for it', async () => {
  const { span, about } = await spanOf(leased());
  expect(span).toMatchObject({ traceId: ASKING, parentSpanId: 'b7ad6b7169203331', links: [], kind: 5 });
  expect(about).toEqual({
    ...{ effect: 'deployment-1@1#0', stream: 'deployment-1', type: 'publish-desired', tenant: 'acme' },
    ...{ correlation: 'job-1', trace_id: ASKING },
  });
});

it('a deadline begins a trace, with a link to the one that asked for it', async () => {
  const { span, about } = await spanOf(leased({ effect: expiry }));
  expect(span).toMatchObject({ parentSpanId: '', links: [ASKING], failed: false });
  expect(span?.traceId).not.toBe(ASKING);
  expect(about).toMatchObject({ correlation: 'job-1', trace_id: span?.traceId });
});

it.each([null, { correlationId: 'job-1' }])(
  'without a trace to go on with (%j) it begins one',
  async (cause) => {
    const { span } = await spanOf(leased({ cause }), 'retried');
    expect(span).toMatchObject({ parentSpanId: '', links: [], failed: true, message: 'retried' });
  },
);
