import { NotFound } from '../../cloud/refusals.ts';
import type { RecordedFact } from '../../events/envelope.ts';
import { parseStreamId } from '../../events/stream-id.ts';
import { machines } from '../../machines/catalogue.ts';
import type { Lifecycle } from '../../machines/lifecycle.ts';
import type { EventLog } from '../../ports/event-log.ts';
import { explain } from '../../visualizer/explain.ts';
import { toMermaid } from '../../visualizer/mermaid.ts';
import { type History, historyOf, marksOf } from '../../visualizer/steps.ts';
import { vectorOf } from '../../visualizer/vector.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { presentFact } from '../present/fact.ts';
import { presentInstant, presentMove } from '../present/instant.ts';
import { presentSteps } from '../present/steps.ts';
import { needs, type Person } from '../principal.ts';
import { Problem } from '../problem/problem.ts';
import { answers, mediaAnswer } from '../schemas/answers.ts';
import {
  InstantSchema,
  StepsQuery,
  StepsSchema,
  StreamParams,
  VectorSchema,
  VersionQuery,
} from '../schemas/streams.ts';
import { sees } from '../visible.ts';

type StreamDependencies = Pick<HttpDependencies, 'log' | 'visualizer'>;

const tags = ['machines'];
const config = { access: needs('ml:read'), refusals: [404, 409] } as const;

interface Stream {
  readonly streamId: string;
  readonly machine: Lifecycle;
  readonly facts: readonly RecordedFact[];
}

/** The machine that folds streams of this type. Throws where there is none, or no such type. */
function machineOf(streamId: string): Lifecycle {
  const type = parseStreamId(streamId)?.type;
  const machine = machines.find((candidate) => candidate.streamType === type);
  if (machine === undefined) {
    const known = machines.map(({ streamType }) => streamType).join(', ');
    const detail = `No machine folds stream "${streamId}": streams with one begin with ${known}.`;
    throw new Problem(404, 'no-such-machine', detail);
  }
  return machine;
}

/** Throws `NotFound` for a stream that does not exist and for another tenant's alike. */
async function visibleStream(log: EventLog, person: Person, streamId: string): Promise<Stream> {
  const machine = machineOf(streamId);
  const facts = await log.readStream(streamId);
  const first = facts.at(0);
  if (first === undefined || !sees(person, first)) throw new NotFound('stream', streamId, 'check the id');
  return { streamId, machine, facts };
}

/** The first facts of the stream, as many as the caller asks for. */
function upTo({ streamId, facts }: Stream, version: number | undefined): readonly RecordedFact[] {
  const last = facts.at(-1)?.version ?? 0;
  if (version !== undefined && version > last) {
    throw new Problem(
      404,
      'no-such-version',
      `Stream ${streamId} ends at version ${last}: ask for one up to there.`,
    );
  }
  return version === undefined ? facts : facts.filter((fact) => fact.version <= version);
}

/** The history up to there. Refuses one that the machine cannot fold. */
function wholeHistory(stream: Stream, version: number | undefined): History {
  const history = historyOf(stream.machine, upTo(stream, version));
  const { broken } = history;
  if (broken === null) return history;
  throw new Problem(
    409,
    'history-unreadable',
    `${broken.reason} (version ${broken.version}): ask for an instant before it.`,
  );
}

const nameOf = ({ name, version }: Lifecycle) => ({ name, version });

function instantRoute(app: App, { log }: StreamDependencies): void {
  app.get(
    '/streams/:stream/machine',
    {
      config,
      schema: {
        tags,
        operationId: 'getStreamInstant',
        summary: 'Why a stream is where it is: its machine at one instant, explained',
        params: StreamParams,
        querystring: VersionQuery,
        response: answers({ 200: InstantSchema }),
      },
    },
    async (request) => {
      const stream = await visibleStream(log, personOf(request), request.params.stream);
      const { streamId, machine, facts } = stream;
      const instant = explain(machine, wholeHistory(stream, request.query.version));
      const fact = facts.find(({ version }) => version === instant.version);
      return {
        ...{ streamId, machine: nameOf(machine), facts: facts.length },
        ...presentInstant(machine.name, instant),
        fact: fact === undefined ? null : presentFact(fact),
        taken: instant.taken === null ? null : presentMove(instant.taken),
      };
    },
  );
}

function stepsRoute(app: App, { log }: StreamDependencies): void {
  app.get(
    '/streams/:stream/steps',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'listStreamSteps',
        summary: 'What each fact of a stream did to its machine, for going through it step by step',
        params: StreamParams,
        querystring: StepsQuery,
        response: answers({ 200: StepsSchema }),
      },
    },
    async (request) => {
      const { after, limit } = request.query;
      const stream = await visibleStream(log, personOf(request), request.params.stream);
      const { streamId, machine, facts } = stream;
      return {
        ...{ streamId, machine: nameOf(machine), definition: machine.definition },
        ...presentSteps(machine, facts, after, limit),
      };
    },
  );
}

function vectorRoute(app: App, { log }: StreamDependencies): void {
  app.get(
    '/streams/:stream/test-vector',
    {
      config,
      schema: {
        tags,
        operationId: 'getStreamTestVector',
        summary: 'A stream’s history as a test vector for its machine',
        params: StreamParams,
        querystring: VersionQuery,
        response: answers({ 200: VectorSchema }),
      },
    },
    async (request) => {
      const stream = await visibleStream(log, personOf(request), request.params.stream);
      const { version } = request.query;
      wholeHistory(stream, version);
      const facts = upTo(stream, version);
      return vectorOf(stream.machine, `${stream.streamId}@${facts.length}`, facts);
    },
  );
}

function pictureRoutes(app: App, { log, visualizer }: StreamDependencies): void {
  const schema = { tags, params: StreamParams, querystring: VersionQuery };
  app.get(
    '/streams/:stream/drawing',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        ...schema,
        operationId: 'drawStream',
        summary: 'A stream’s machine at one instant as a picture that stands alone',
        response: answers({ 200: mediaAnswer('The picture.', 'image/svg+xml') }),
      },
    },
    async (request, reply) => {
      const stream = await visibleStream(log, personOf(request), request.params.stream);
      reply.type('image/svg+xml');
      return visualizer.drawStream(stream.machine, upTo(stream, request.query.version));
    },
  );
  app.get(
    '/streams/:stream/mermaid',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        ...schema,
        operationId: 'writeStreamAsMermaid',
        summary: 'A stream’s machine at one instant as a Mermaid state diagram',
        response: answers({ 200: mediaAnswer('The diagram.', 'text/plain') }),
      },
    },
    async (request, reply) => {
      const stream = await visibleStream(log, personOf(request), request.params.stream);
      const { machine } = stream;
      const facts = upTo(stream, request.query.version);
      reply.type('text/plain; charset=utf-8');
      return toMermaid(machine.definition, marksOf(machine, historyOf(machine, facts)));
    },
  );
}

export const streamMachineRoutes =
  (dependencies: StreamDependencies) =>
  async (app: App): Promise<void> => {
    instantRoute(app, dependencies);
    stepsRoute(app, dependencies);
    vectorRoute(app, dependencies);
    pictureRoutes(app, dependencies);
  };
