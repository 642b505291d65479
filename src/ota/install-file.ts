import Type, { type Static } from 'typebox';
import { Check } from 'typebox/value';
import { MalformedMessage } from './wire.ts';

/**
 * A model with all that a device asks for before it installs one, in a file that is carried to it: a line of JSON, and
 * behind it the model's bytes. Nothing in it is secret, and it is of use to one device only.
 */

const FORMAT = 'lifo4-install-1';
/** The chain of roots, a snapshot and the bin of a fleet of 100,000 sites have far less. */
export const MAX_HEADER_BYTES = 2 * 1024 * 1024;
const NEW_LINE = 10;
const BRACE = 123;

const Header = Type.Object({
  format: Type.Literal(FORMAT),
  /** The signed assignment, as it is retained on `ml/model`. */
  assignment: Type.String({ maxLength: 100_000 }),
  /** The signed metadata by the name of its file, `timestamp.json` and others; empty where no root is published. */
  metadata: Type.Record(Type.String(), Type.String()),
});

export type SignedMetadata = Readonly<Record<string, string>>;

/** What comes before the model's bytes. */
export function installFileHeader(assignment: Uint8Array, metadata: SignedMetadata): Uint8Array {
  const header: Static<typeof Header> = {
    format: FORMAT,
    assignment: new TextDecoder().decode(assignment),
    metadata,
  };
  return new TextEncoder().encode(`${JSON.stringify(header)}\n`);
}

/** A carried file as it is read: untrusted, its form alone was looked at. */
export interface InstallFile {
  readonly assignment: Uint8Array;
  readonly metadata: SignedMetadata;
  /** The model's bytes, which may be any and without end. */
  readonly model: AsyncIterable<Uint8Array>;
}

const malformed = () =>
  new MalformedMessage('install file', ['it was not written by "lifo4-ml models export": export it anew']);

function parseHeader(bytes: Uint8Array): Static<typeof Header> {
  let value: unknown = null;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw malformed();
  }
  if (!Check(Header, value)) throw malformed();
  return value;
}

type Pieces = AsyncIterator<Uint8Array>;

/** What begins as no header, or goes on for longer than one may, is none. */
function assertHeaderSoFar(line: readonly Uint8Array[], length: number): void {
  const first = line.find((piece) => piece.length > 0);
  if (first !== undefined && first[0] !== BRACE) throw malformed();
  if (length > MAX_HEADER_BYTES) throw malformed();
}

/** The first line, and what came with it of the rest. Reads no further than a header may go. */
async function readHeader(pieces: Pieces) {
  const line: Uint8Array[] = [];
  let length = 0;
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) {
    const piece = next.value;
    const end = piece.indexOf(NEW_LINE);
    line.push(end < 0 ? piece : piece.subarray(0, end));
    length += line.at(-1)?.length ?? 0;
    assertHeaderSoFar(line, length);
    if (end >= 0) return { header: parseHeader(Buffer.concat(line)), rest: piece.subarray(end + 1) };
  }
  throw malformed();
}

async function* following(rest: Uint8Array, pieces: Pieces): AsyncGenerator<Uint8Array> {
  yield rest;
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value;
}

/** Reads a carried file as it comes, as far as its header. Rejects with `MalformedMessage`. */
export async function openInstallFile(chunks: AsyncIterable<Uint8Array>): Promise<InstallFile> {
  const pieces = chunks[Symbol.asyncIterator]();
  const { header, rest } = await readHeader(pieces);
  const { assignment, metadata } = header;
  return { assignment: new TextEncoder().encode(assignment), metadata, model: following(rest, pieces) };
}
