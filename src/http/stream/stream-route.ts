import type { FastifyBaseLogger } from 'fastify';
import { Counter, Gauge } from 'prom-client';
import type { Static } from 'typebox';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies, HttpOptions } from '../dependencies.ts';
import { requestLog } from '../platform/request-log.ts';
import { needs, type Person } from '../principal.ts';
import { Problem } from '../problem/problem.ts';
import { answers, mediaAnswer } from '../schemas/answers.ts';
import { StreamHeaders, StreamQuery } from '../schemas/stream.ts';
import { visibleTo } from '../visible.ts';
import { createFactStream, type FactStream } from './fact-stream.ts';
import { createFactTail, type FactTail } from './fact-tail.ts';

type StreamDependencies = Pick<HttpDependencies, 'log' | 'metrics' | 'clocks' | 'logger'>;
type Query = Static<typeof StreamQuery>;

const POLL_MS = 1_000;

/** Where to begin: after the last event that the client saw, or with what happens from now on. */
async function cursorOf(
  { log }: StreamDependencies,
  query: Query,
  header: number | undefined,
): Promise<number> {
  const head = await log.headSeq();
  const asked = header ?? query.lastEventId ?? head;
  if (asked <= head) return asked;
  throw new Problem(
    400,
    'cursor-beyond-log',
    `The log ends at ${head}, before Last-Event-ID ${asked}: start again without it.`,
  );
}

function createFigures({ metrics }: StreamDependencies) {
  return {
    open: new Gauge({ name: 'lifo4_streams_open', help: 'Open event streams.', registers: [metrics] }),
    dropped: new Counter({
      name: 'lifo4_streams_dropped_total',
      help: 'Event streams ended because their client read too slowly.',
      registers: [metrics],
    }),
  };
}

/** Keeps the client supplied until it leaves. */
async function supply(tail: FactTail, stream: FactStream, cursor: number): Promise<void> {
  try {
    await tail.follow(cursor, (facts) => stream.send(facts), stream.closed);
  } catch (error) {
    stream.end('log-unreadable');
    throw error;
  }
}

function createStreams(dependencies: StreamDependencies, options: HttpOptions) {
  const { log, logger, clocks } = dependencies;
  const tail = createFactTail({ log, logger, pollMs: POLL_MS });
  const open = new Set<FactStream>();
  const figures = createFigures(dependencies);

  function start(person: Person, query: Query, cursor: number, own: FastifyBaseLogger): FactStream {
    const stream = createFactStream({
      cursor,
      visible: visibleTo(person, query),
      heartbeatMs: options.heartbeatMs,
      expiresInMs: Math.max(0, person.expiresAt.getTime() - clocks.machine.now().getTime()),
      onTooSlow: () => {
        figures.dropped.inc();
        own.warn({ actor: person.actor }, 'an event stream was dropped: its client reads too slowly');
      },
    });
    open.add(stream);
    figures.open.set(open.size);
    stream.closed.addEventListener('abort', () => {
      open.delete(stream);
      figures.open.set(open.size);
    });
    supply(tail, stream, cursor).catch((err: unknown) => own.error({ err }, 'an event stream broke off'));
    return stream;
  }

  return {
    start,
    close: (): void => {
      for (const stream of [...open]) stream.end('shutdown');
      tail.close();
    },
  };
}

/** `GET /stream`: the facts that the caller may see, as server-sent events whose id is the place in the log. */
export const streamRoute =
  (dependencies: StreamDependencies, options: HttpOptions) =>
  async (app: App): Promise<void> => {
    const streams = createStreams(dependencies, options);
    app.addHook('preClose', async () => streams.close());
    app.get(
      '/stream',
      {
        config: { access: needs('ml:read') },
        exposeHeadRoute: false,
        schema: {
          tags: ['stream'],
          operationId: 'streamFacts',
          summary: 'Facts as they happen, as server-sent events',
          description:
            'Starts with what happens from now on, or after `Last-Event-ID`. The event’s name is the fact’s type, its data a fact with `seq`. An event `closed` says why the stream ended: come back with the last id.',
          headers: StreamHeaders,
          querystring: StreamQuery,
          response: answers({ 200: mediaAnswer('Events.', 'text/event-stream') }),
        },
      },
      async (request, reply) => {
        const cursor = await cursorOf(dependencies, request.query, request.headers['last-event-id']);
        const stream = streams.start(personOf(request), request.query, cursor, requestLog(request));
        return reply
          .type('text/event-stream')
          .headers({ 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
          .send(stream.body);
      },
    );
  };
