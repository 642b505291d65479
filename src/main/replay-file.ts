import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { assertFact, InvalidFact } from '../events/catalogue.ts';
import type { RecordedFact } from '../events/envelope.ts';
import { parseStreamId } from '../events/stream-id.ts';
import { machines } from '../machines/catalogue.ts';
import type { Lifecycle } from '../machines/lifecycle.ts';
import { historyOf, type Step } from '../visualizer/steps.ts';

/** Folds an exported log with the machines that run in production, without a database. */

/** The file is no exported log; the message says where. */
class UnusableLog extends Error {
  override readonly name = 'UnusableLog';
}

/** How one stream came out. */
export interface ReplayedStream {
  readonly streamId: string;
  readonly machine: string;
  readonly facts: number;
  readonly state: string;
  /** Why it could not be folded further; null when it could. */
  readonly broken: string | null;
  /** The steps, where the stream was asked for. */
  readonly steps: readonly Step[];
}

export interface ReplayOptions {
  /** Only this stream, with its steps. */
  readonly stream?: string;
  /** Only facts until this instant of the site clock, ISO 8601. */
  readonly until?: string;
}

const Line = Compile(
  Type.Object({
    streamId: Type.String(),
    version: Type.Integer({ minimum: 1 }),
    eventId: Type.String(),
    fact: Type.Object({ type: Type.String(), data: Type.Unknown() }),
    metadata: Type.Object({ at: Type.String() }),
    recordedAt: Type.String(),
  }),
);

function parse(text: string, where: string): RecordedFact {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UnusableLog(`${where}: this is no JSON: write the file with "lifo4-ml events export"`, {
      cause: error,
    });
  }
  if (!Line.Check(value))
    throw new UnusableLog(`${where}: this is no fact of a log: write the file with "lifo4-ml events export"`);
  return value as unknown as RecordedFact;
}

function check({ streamId, fact }: RecordedFact, where: string): void {
  try {
    assertFact(streamId, fact);
  } catch (error) {
    if (error instanceof InvalidFact) throw new UnusableLog(`${where}: ${error.message}`, { cause: error });
    throw error;
  }
}

async function* linesOf(path: string): AsyncGenerator<readonly [string, string]> {
  const file = createReadStream(path);
  const input = path.endsWith('.gz') ? file.pipe(createGunzip()) : file;
  // What goes wrong with the file must reach the one who reads its lines.
  file.on('error', (error) => input.destroy(error));
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (line.trim() !== '') yield [line, `${path}:${number}`];
  }
}

const machineOf = (streamId: string): Lifecycle | null => {
  const type = parseStreamId(streamId)?.type;
  return machines.find(({ streamType }) => streamType === type) ?? null;
};

/** Why the facts are not the beginning of a stream, one after the other; null when they are. */
function gap(facts: readonly RecordedFact[]): string | null {
  const at = facts.findIndex(({ version }, index) => version !== index + 1);
  const found = facts[at];
  if (found === undefined) return null;
  return `fact ${at + 1} is missing: ${found.version} follows ${at}; export the stream whole`;
}

function fold(streamId: string, facts: readonly RecordedFact[], withSteps: boolean): ReplayedStream | null {
  const machine = machineOf(streamId);
  if (machine === null) return null;
  const missing = gap(facts);
  const whole = missing === null ? facts : [];
  const { start, steps, broken } = historyOf(machine, whole);
  return {
    ...{ streamId, facts: facts.length, machine: `${machine.name}@${machine.version}` },
    state: steps.at(-1)?.to ?? start.state,
    broken: missing ?? broken?.reason ?? null,
    steps: withSteps ? steps : [],
  };
}

/** Folds every stream of the file, or one. Throws `UnusableLog`, or what the file system says. */
export async function replayFile(
  path: string,
  { stream, until }: ReplayOptions,
): Promise<readonly ReplayedStream[]> {
  const streams = new Map<string, RecordedFact[]>();
  for await (const [line, where] of linesOf(path)) {
    const recorded = parse(line, where);
    if (stream !== undefined && recorded.streamId !== stream) continue;
    check(recorded, where);
    if (until !== undefined && recorded.metadata.at > until) continue;
    const facts = streams.get(recorded.streamId) ?? [];
    facts.push(recorded);
    streams.set(recorded.streamId, facts);
  }
  return [...streams].flatMap(([id, facts]) => fold(id, facts, stream !== undefined) ?? []);
}
