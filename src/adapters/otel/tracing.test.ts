import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type OtlpReceiver, startOtlpReceiver } from '../../../test/services/otlp.ts';
import { createLogger } from '../../main/logging.ts';
import { readOtel } from '../../main/settings/otel.ts';
import { inSpan } from '../../ports/tracing.ts';
import { createOtelTracing, type OtelTracing } from './tracing.ts';

const PATIENCE = { timeout: 10_000, interval: 10 } as const;
const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let receiver: OtlpReceiver;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
});
afterAll(() => receiver.close());

function open(env: Readonly<Record<string, string>> = {}) {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({ level: 'info' }, { write: (line) => void lines.push(JSON.parse(line)) });
  const settings = readOtel({
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' },
    ...{ OTEL_BSP_SCHEDULE_DELAY: '10', ...env },
  });
  if (settings === null) throw new Error('tracing is off');
  const clean = (text: string): string => text.replace('secret', '[removed]');
  return { tracing: createOtelTracing({ settings, clean, logger }), lines };
}

const named = (name: string) =>
  vi.waitFor(() => {
    const span = receiver.spans.find((each) => each.name === name);
    if (span === undefined) throw new Error(`no span ${name}`);
    return span;
  }, PATIENCE);

const sentOf = (tracing: OtelTracing) => tracing.counts().sent;

describe('traces by OTLP', () => {
  it('nest what runs in a span, across whatever it waits for, and go on from a caller', async () => {
    const { tracing } = open({
      OTEL_SERVICE_NAME: 'cloud-a',
      OTEL_RESOURCE_ATTRIBUTES: 'site.region=south%20east',
    });
    const options = { kind: 'server', parent: CALLER, attributes: { hours: 48, sites: ['a', 'b'] } } as const;
    const outer = await inSpan(tracing, 'outer', options, async (span) => {
      await Promise.all([1, 2].map((n) => inSpan(tracing, `inner ${n}`, {}, async () => undefined)));
      tracing.record('earlier', new Date(1_000), new Date(3_500), { done: true });
      return span;
    });
    await tracing.close();
    const sent = await named('outer');
    expect(sent).toMatchObject({
      ...{ traceId: CALLER.split('-')[1], parentSpanId: CALLER.split('-')[2], kind: 2, failed: false },
      attributes: { hours: 48, sites: ['a', 'b'] },
      resource: { 'service.name': 'cloud-a', 'site.region': 'south east' },
    });
    expect(outer.traceparent).toBe(`00-${sent.traceId}-${sent.spanId}-01`);
    for (const name of ['inner 1', 'inner 2', 'earlier'])
      expect(await named(name)).toMatchObject({ traceId: sent.traceId, parentSpanId: sent.spanId });
    expect(await named('earlier')).toMatchObject({ startMs: 1_000, endMs: 3_500 });
    expect(receiver.requests.at(-1)?.path).toBe('/v1/traces');
  });

  it('begin anew where told so, with a link to what led there', async () => {
    const { tracing } = open();
    await inSpan(tracing, 'request', { parent: null }, async () => {
      await inSpan(tracing, 'later', { parent: null, links: [CALLER, 'no trace'] }, async () => undefined);
    });
    await inSpan(tracing, 'stranger', { parent: 'nonsense' }, async () => undefined);
    await tracing.close();
    const later = await named('later');
    expect(later).toMatchObject({ parentSpanId: '', links: [CALLER.split('-')[1]] });
    expect(later.traceId).not.toBe((await named('request')).traceId);
    expect((await named('stranger')).parentSpanId).toBe('');
  });

  it('tell of an error without what is secret in it, and pass it on', async () => {
    const { tracing } = open();
    const work = inSpan(tracing, 'broken', {}, async () => {
      throw new Error('the secret key does not fit');
    });
    await expect(work).rejects.toThrow('secret');
    await tracing.close();
    expect(await named('broken')).toMatchObject({ failed: true, message: 'the [removed] key does not fit' });
  });

  it('leave out what its caller, or the sampler, did not choose, and still pass the place on', async () => {
    const { tracing } = open();
    const unchosen = CALLER.replace(/01$/, '00');
    const { traceparent } = await inSpan(tracing, 'unchosen', { parent: unchosen }, async (span) => span);
    expect(traceparent).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-.{16}-00$/);
    const none = open({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0' });
    await inSpan(none.tracing, 'none', {}, async () => undefined);
    await Promise.all([tracing.close(), none.tracing.close()]);
    expect([sentOf(tracing), sentOf(none.tracing)]).toEqual([0, 0]);
  });

  it('go out in protobuf too, with the headers that the receiver asks for', async () => {
    const { tracing } = open({
      ...{ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf', OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b' },
    });
    await inSpan(tracing, 'binary', {}, async () => undefined);
    await vi.waitFor(() => expect(sentOf(tracing)).toBe(1), PATIENCE);
    await tracing.close();
    expect(receiver.requests.at(-1)).toMatchObject({ type: 'application/x-protobuf', key: 'a b' });
  });
});

describe('a receiver that is away', () => {
  it('costs two lines of the log, is counted, and holds nothing up', async () => {
    const { tracing, lines } = open({ OTEL_BSP_MAX_QUEUE_SIZE: '8' });
    const spans = (count: number) =>
      Promise.all(Array.from({ length: count }, () => inSpan(tracing, 'lost', {}, async () => undefined)));
    receiver.answer(400);
    for (const failed of [3, 6]) {
      await spans(3);
      await vi.waitFor(() => expect(tracing.counts()).toEqual({ sent: 0, failed, dropped: 0 }), PATIENCE);
    }
    receiver.answer(200);
    // Eight are on their way and eight wait for them.
    await spans(20);
    await vi.waitFor(() => expect(tracing.counts()).toEqual({ sent: 16, failed: 6, dropped: 4 }), PATIENCE);
    await spans(1);
    await vi.waitFor(() => expect(sentOf(tracing)).toBe(17), PATIENCE);
    expect(lines.map(({ msg, level }) => [msg, level])).toEqual([
      ['traces cannot be sent: they are dropped until they can', 40],
      ['traces are sent again', 40],
    ]);
    await tracing.close();
  });

  it('does not hold up the end of the program', async () => {
    const { tracing } = open();
    receiver.answer(null);
    await inSpan(tracing, 'unheard', {}, async () => undefined);
    await tracing.close();
    expect(tracing.counts()).toEqual({ sent: 0, failed: 0, dropped: 0 });
    receiver.answer(200);
  });
});
