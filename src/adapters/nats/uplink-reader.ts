import { setTimeout as sleep } from 'node:timers/promises';
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import type { Topics } from '../../ota/topics.ts';
import type { UplinkDelivery } from '../../ports/uplink-delivery.ts';
import { ACK_WAIT_MS, MAX_UNACKNOWLEDGED, openConsumer, streamName } from './uplink-stream.ts';

/** Deliveries without an outcome: a message that ends the program each time is given up after these. */
const MAX_DELIVERIES = 20;
const LONGEST_WAIT_MS = 10_000;

export interface UplinkReaderOptions {
  readonly connection: NatsConnection;
  readonly topics: Topics;
  readonly delivery: UplinkDelivery;
  readonly logger: Logger;
  readonly retryMs: number;
}

export interface UplinkReader {
  /** Messages given up because they never got an outcome. */
  dead(): number;
  /** Gives back what has no outcome yet, for another node or the next start. */
  close(): Promise<void>;
}

class StreamReader implements UplinkReader {
  readonly #options: UplinkReaderOptions;
  readonly #stream: string;
  readonly #closing = new AbortController();
  readonly #open = new Set<JsMsg>();
  readonly #running: Promise<void>;
  #messages: ConsumerMessages | null = null;
  #dead = 0;

  constructor(options: UplinkReaderOptions) {
    this.#options = options;
    this.#stream = streamName(options.topics);
    this.#running = this.#run();
  }

  dead(): number {
    return this.#dead;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#options.delivery.close();
    await this.#messages?.close();
    await this.#running;
    for (const message of this.#open) message.nak();
  }

  async #run(): Promise<void> {
    const keeper = setInterval(() => this.#keepOpen(), ACK_WAIT_MS / 3);
    for (let failures = 0; !this.#closing.signal.aborted; failures += 1) {
      const read = await this.#read();
      if (read) failures = 0;
      const ms = Math.min(this.#options.retryMs * 2 ** failures, LONGEST_WAIT_MS);
      await sleep(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    }
    clearInterval(keeper);
  }

  /** Until the consumer is lost or the reader closed; true when it could read at all. */
  async #read(): Promise<boolean> {
    let messages: ConsumerMessages | null = null;
    try {
      messages = await this.#consume();
      this.#messages = messages;
      // It has closed once its loop below has ended: waiting for it here would be for ever.
      if (this.#closing.signal.aborted) void messages.close();
      for await (const message of messages) this.#accept(message);
    } catch (error) {
      this.#report(error);
    }
    this.#messages = null;
    return messages !== null;
  }

  #report(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const what = 'cannot read the stream of what devices say; trying again';
    this.#options.logger.warn({ err: error, stream: this.#stream }, what);
  }

  async #consume(): Promise<ConsumerMessages> {
    const consumer = await openConsumer(this.#options.connection, this.#options.topics);
    return consumer.consume({ max_messages: MAX_UNACKNOWLEDGED / 2, abort_on_missing_resource: true });
  }

  #keepOpen(): void {
    for (const message of this.#open) message.working();
  }

  #accept(message: JsMsg): void {
    const parsed = this.#options.topics.parseSubject(message.subject);
    const isForeign = parsed === null || parsed.direction === 'down';
    if (isForeign) this.#options.delivery.ignore(message.subject);
    // An empty message only clears what was retained.
    if (isForeign || message.data.length === 0) {
      message.ack();
      return;
    }
    if (message.info.deliveryCount > MAX_DELIVERIES) {
      this.#bury(message, `delivered ${message.info.deliveryCount} times without an outcome`);
      return;
    }
    this.#open.add(message);
    this.#options.delivery.accept(
      { kind: parsed.name, systemId: parsed.systemId, payload: message.data },
      {
        acknowledge: () => {
          this.#open.delete(message);
          message.ack();
        },
        working: () => message.working(),
        giveUp: (reason) => {
          this.#open.delete(message);
          message.term(reason.slice(0, 200));
        },
      },
    );
  }

  /** It stays in the stream, to be looked at, but is not delivered again. */
  #bury(message: JsMsg, reason: string): void {
    this.#dead += 1;
    const about = { subject: message.subject, sequence: message.seq, stream: this.#stream, reason };
    this.#options.logger.error(about, 'a message from a device is given up');
    message.term(reason);
  }
}

/** Reads at once and goes on for ever, over restarts of the server and the loss of its store. */
export function openUplinkReader(options: UplinkReaderOptions): UplinkReader {
  return new StreamReader(options);
}
