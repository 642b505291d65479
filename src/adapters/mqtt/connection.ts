import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { MAX_MESSAGE_BYTES, MessageTooLarge } from '../../ota/topics.ts';
import {
  LoginRefused,
  openSession,
  PacketTooLarge,
  type Session,
  type SessionOptions,
  SubscriptionRefused,
} from './session.ts';

/** A connection that comes back by itself: one session after another, with growing, random waits. */

export interface Backoff {
  readonly firstMs: number;
  readonly longestMs: number;
}

const DEFAULT_BACKOFF: Backoff = { firstMs: 500, longestMs: 60_000 };

export interface ConnectionOptions extends SessionOptions {
  readonly logger: Logger;
  readonly backoff?: Backoff | undefined;
}

type Refusal = LoginRefused | SubscriptionRefused | PacketTooLarge;

function isRefusal(error: unknown): error is Refusal {
  return [LoginRefused, SubscriptionRefused, PacketTooLarge].some((kind) => error instanceof kind);
}

type PublishOutcome = 'taken' | 'timeout' | 'closed';

export interface Connection {
  start(): void;
  connected(): boolean;
  onConnected(listener: () => void): () => void;
  /** With the refusal when the broker refused the login or a subscription, else null. */
  onDisconnected(listener: (refusal: Refusal | null) => void): () => void;
  /** Waits for a connection; tries again on the next one when it ends before the broker has the message. */
  publish(topic: string, payload: Uint8Array, retain: boolean, timeoutMs: number): Promise<PublishOutcome>;
  close(): Promise<void>;
}

function createListeners<Value>() {
  const listeners = new Set<(value: Value) => void>();
  return {
    add(listener: (value: Value) => void): () => void {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    call(value: Value): void {
      for (const listener of [...listeners]) listener(value);
    },
  };
}

function waitFor({ firstMs, longestMs }: Backoff, failures: number): number {
  const longest = Math.min(firstMs * 2 ** failures, longestMs);
  return longest * (0.5 + Math.random() / 2);
}

class LastingConnection implements Connection {
  readonly #options: ConnectionOptions;
  readonly #closing = new AbortController();
  readonly #connected = createListeners<null>();
  readonly #disconnected = createListeners<Refusal | null>();
  #session: Session | null = null;
  #up = false;
  #running: Promise<void> | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  connected(): boolean {
    return this.#up;
  }

  onConnected(listener: () => void): () => void {
    return this.#connected.add(listener);
  }

  onDisconnected(listener: (refusal: Refusal | null) => void): () => void {
    return this.#disconnected.add(listener);
  }

  async publish(
    topic: string,
    payload: Uint8Array,
    retain: boolean,
    timeoutMs: number,
  ): Promise<PublishOutcome> {
    if (payload.length > MAX_MESSAGE_BYTES) throw new MessageTooLarge(topic, payload.length);
    const deadline = AbortSignal.timeout(timeoutMs);
    const over = AbortSignal.any([deadline, this.#closing.signal]);
    const ended = new Promise<boolean>((resolve) => {
      over.addEventListener('abort', () => resolve(false), { once: true });
    });
    while (!over.aborted) {
      const taken = await Promise.race([this.#tryPublish(topic, payload, retain, over), ended]);
      if (taken) return 'taken';
    }
    return this.#closing.signal.aborted ? 'closed' : 'timeout';
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#session?.end();
    await this.#running;
  }

  /** On the session of this moment or the next one; false when that session ended without taking it. */
  async #tryPublish(
    topic: string,
    payload: Uint8Array,
    retain: boolean,
    over: AbortSignal,
  ): Promise<boolean> {
    if (!this.#up) await this.#nextConnection(over);
    const session = this.#session;
    // Its caller was told that it failed: sent now, it could replace something newer.
    if (session === null || over.aborted) return false;
    return session.publish(topic, payload, retain).then(
      () => true,
      async () => {
        await session.ended;
        return false;
      },
    );
  }

  #nextConnection(over: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const settle = (): void => {
        remove();
        resolve();
      };
      const remove = this.#connected.add(settle);
      over.addEventListener('abort', settle, { once: true });
    });
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#closing.signal.aborted) {
      failures = (await this.#runSession()) ? 0 : failures + 1;
      const ms = waitFor(this.#options.backoff ?? DEFAULT_BACKOFF, failures);
      await sleep(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    }
  }

  /** From the attempt to the end; true when it was up, and nothing is to be waited for longer. */
  async #runSession(): Promise<boolean> {
    const session = openSession(this.#options);
    this.#session = session;
    const failure: unknown = await session.ready.then(
      () => null,
      (error: unknown) => error,
    );
    if (failure === null) this.#opened();
    const ending = (await session.ended) ?? failure;
    this.#session = null;
    this.#closed(ending);
    return ending === null;
  }

  #opened(): void {
    this.#up = true;
    this.#options.logger.info({ client: this.#options.clientId }, 'connected to the MQTT broker');
    this.#connected.call(null);
  }

  #closed(failure: unknown): void {
    const wasUp = this.#up;
    this.#up = false;
    if (this.#closing.signal.aborted) return;
    const about = { client: this.#options.clientId, ...(failure === null ? {} : { err: failure }) };
    this.#options.logger.warn(about, wasUp ? 'lost the MQTT broker' : 'cannot connect to the MQTT broker');
    const refusal = isRefusal(failure) ? failure : null;
    if (wasUp || refusal !== null) this.#disconnected.call(refusal);
  }
}

/** Connects when {@link Connection.start} is called, and again whenever the connection ends, until closed. */
export function createConnection(options: ConnectionOptions): Connection {
  return new LastingConnection(options);
}
