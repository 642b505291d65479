import { Duplex, pipeline, Transform, type TransformCallback } from 'node:stream';

/** A client announced a packet larger than the broker takes; its connection ends. */
export class OversizePacket extends Error {
  override readonly name = 'OversizePacket';
  readonly bytes: number;

  constructor(bytes: number, limit: number) {
    super(`a packet of ${bytes} bytes exceeds the ${limit} bytes that the broker takes`);
    this.bytes = bytes;
  }
}

class MalformedLength extends Error {
  override readonly name = 'MalformedLength';

  constructor() {
    super('the remaining length of a packet has more than four bytes');
  }
}

/**
 * Follows the frames of an MQTT stream (a byte of type, a length of one to four bytes of seven bits, the rest)
 * and fails at the announcement of one beyond the limit, before anything of it is kept.
 */
class FrameLimit extends Transform {
  readonly #limit: number;
  #part: 'type' | 'length' = 'type';
  #length = 0;
  #lengthBytes = 0;

  constructor(limit: number) {
    super();
    this.#limit = limit;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      this.#follow(chunk);
      done(null, chunk);
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #rest = 0;

  #follow(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      const skipped = Math.min(this.#rest, chunk.length - at);
      this.#rest -= skipped;
      at += skipped;
      if (at < chunk.length) {
        this.#header(chunk[at] ?? 0);
        at += 1;
      }
    }
  }

  #header(byte: number): void {
    if (this.#part === 'type') {
      this.#part = 'length';
      this.#length = 0;
      this.#lengthBytes = 0;
      return;
    }
    this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
    this.#lengthBytes += 1;
    if (this.#length > this.#limit) throw new OversizePacket(this.#length, this.#limit);
    if (byte < 0x80) {
      this.#part = 'type';
      this.#rest = this.#length;
    } else if (this.#lengthBytes === 4) {
      throw new MalformedLength();
    }
  }
}

/** The same connection, ended by {@link OversizePacket} when the peer announces more than `limit` bytes. */
export function limitFrames(socket: Duplex, limit: number): Duplex {
  const readable = new FrameLimit(limit);
  pipeline(socket, readable, () => undefined);
  return Duplex.from({ readable, writable: socket });
}
