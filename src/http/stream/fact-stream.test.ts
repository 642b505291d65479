import { describe, expect, it } from 'vitest';
import type { SequencedFact } from '../../events/envelope.ts';
import { createFactStream } from './fact-stream.ts';

const fact = (seq: number, size: number): SequencedFact => ({
  seq,
  streamId: 'job-1',
  version: seq,
  eventId: `event-${seq}`,
  recordedAt: '2026-01-05T06:00:00Z',
  fact: { type: 'Grown', data: { text: 'x'.repeat(size) } },
  metadata: {
    actor: 'cloud',
    tenant: 'acme',
    systemId: 'bess-1',
    correlationId: 'c',
    machine: 'job@1',
    schema: 1,
    at: '2026-01-05T06:00:00Z',
  },
});

function open() {
  const dropped: string[] = [];
  const stream = createFactStream({
    cursor: 0,
    visible: ({ seq }) => seq !== 2,
    heartbeatMs: 60_000,
    expiresInMs: 60_000,
    onTooSlow: () => dropped.push('dropped'),
  });
  return { stream, dropped };
}

async function textOf(stream: ReturnType<typeof open>['stream']): Promise<string> {
  let text = '';
  for await (const piece of stream.body) text += String(piece);
  return text;
}

describe('one client of the live stream', () => {
  it('is dropped with a reason when more than a megabyte waits for it', async () => {
    const { stream, dropped } = open();
    for (const seq of [1, 3, 4]) void stream.send([fact(seq, 500_000)]);
    expect(dropped).toEqual(['dropped']);
    expect(stream.closed.aborted).toBe(true);
    await stream.send([fact(5, 10)]);
    const text = await textOf(stream);
    expect(text).toMatch(/event: closed\ndata: \{"reason":"too-slow"\}\n\n$/);
    expect(text).not.toContain('id: 5');
  });

  it('makes the catching up wait until there is room again', async () => {
    const { stream } = open();
    let sent = false;
    const sending = stream.send([fact(1, 200_000)]).then(() => {
      sent = true;
    });
    await Promise.resolve();
    expect(sent).toBe(false);
    stream.body.resume();
    await sending;
    stream.end('shutdown');
  });

  it('gets only what it may see', async () => {
    const { stream } = open();
    await stream.send([fact(1, 1), fact(2, 1), fact(3, 1)]);
    stream.end('shutdown');
    const ids = [...(await textOf(stream)).matchAll(/^id: (\d+)$/gm)].map(([, id]) => id);
    expect(ids).toEqual(['1', '3']);
  });

  it('ends once, with the first reason', async () => {
    const { stream } = open();
    stream.end('token-expired');
    stream.end('shutdown');
    expect((await textOf(stream)).match(/event: closed/g)).toHaveLength(1);
  });
});
