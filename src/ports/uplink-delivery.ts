import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { UplinkHandler, UplinkMessage } from './device-link.ts';

/**
 * The delivery that every device link gives: at least once, in order within a site, sites side by side. A
 * message that fails is tried again here. It holds up its site for the first attempts only. It is given up as a
 * dead letter when it keeps failing while others get through; an outage, in which nothing does, kills no message.
 */

const ATTEMPTS_IN_ORDER = 3;
const STRIKES = 5;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 20_000;

/** What the transport does with the outcome of one message. */
export interface Receipt {
  /** The handler has it: never deliver it again. */
  acknowledge(): void;
  /** Still at it: do not give it to anybody else yet. */
  working(): void;
  /** A dead letter: do not deliver it again by itself. */
  giveUp(reason: string): void;
}

export interface DeliveryCounts {
  readonly delivered: number;
  readonly retried: number;
  readonly dead: number;
  /** Messages on topics that are not a device's. */
  readonly ignored: number;
}

export const NO_DELIVERIES: DeliveryCounts = { delivered: 0, retried: 0, dead: 0, ignored: 0 };

export interface UplinkDelivery {
  accept(message: UplinkMessage, receipt: Receipt): void;
  /** Tells of a message that no site can be read from; the transport has done with it. */
  ignore(topic: string): void;
  counts(): DeliveryCounts;
  /** Ends the retries; what has no receipt yet stays with the transport. Waits for running handlers. */
  close(): Promise<void>;
}

export interface DeliveryOptions {
  readonly handler: UplinkHandler;
  readonly logger: Logger;
  /** The wait before the second attempt, doubled each time; 100 ms when left out. */
  readonly firstRetryMs?: number;
}

interface Pending {
  readonly message: UplinkMessage;
  readonly receipt: Receipt;
  /** What its handler said of it, for the log. */
  about: Readonly<Record<string, unknown>>;
  failures: number;
  /** Failures during which other messages got through. */
  strikes: number;
}

function shown(payload: Uint8Array): string {
  return Buffer.from(payload.subarray(0, 2000)).toString('utf8');
}

class Delivery implements UplinkDelivery {
  readonly #options: DeliveryOptions;
  readonly #closing = new AbortController();
  readonly #tails = new Map<string, Promise<void>>();
  readonly #running = new Set<Promise<void>>();
  #delivered = 0;
  #retried = 0;
  #dead = 0;
  #ignored = 0;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  accept(message: UplinkMessage, receipt: Receipt): void {
    const { systemId } = message;
    const before = this.#tails.get(systemId) ?? Promise.resolve();
    const turn = before.then(() => this.#inOrder({ message, receipt, about: {}, failures: 0, strikes: 0 }));
    this.#tails.set(systemId, turn);
    this.#track(turn.then(() => this.#forget(systemId, turn)));
  }

  ignore(topic: string): void {
    this.#ignored += 1;
    const what = 'ignored a message on a topic that is not a device’s';
    this.#options.logger.warn({ topic: topic.slice(0, 200) }, what);
  }

  counts(): DeliveryCounts {
    return {
      ...{ delivered: this.#delivered, retried: this.#retried },
      ...{ dead: this.#dead, ignored: this.#ignored },
    };
  }

  async close(): Promise<void> {
    this.#closing.abort();
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #track(work: Promise<void>): void {
    this.#running.add(work);
    work.finally(() => this.#running.delete(work)).catch(() => undefined);
  }

  #forget(systemId: string, turn: Promise<void>): void {
    if (this.#tails.get(systemId) === turn) this.#tails.delete(systemId);
  }

  async #inOrder(pending: Pending): Promise<void> {
    while (pending.failures < ATTEMPTS_IN_ORDER) {
      if (await this.#isOver(pending)) return;
    }
    this.#track(this.#outOfOrder(pending));
  }

  async #outOfOrder(pending: Pending): Promise<void> {
    for (;;) {
      if (await this.#isOver(pending)) return;
    }
  }

  /** Waits when it failed before, tries once; true when nothing is left to do. */
  async #isOver(pending: Pending): Promise<boolean> {
    const deliveredBefore = this.#delivered;
    await this.#pause(pending.failures);
    if (this.#closing.signal.aborted) return true;
    const error = await this.#attempt(pending);
    if (error === null) return true;
    pending.failures += 1;
    if (this.#delivered > deliveredBefore) pending.strikes += 1;
    return this.#judge(pending, error);
  }

  async #pause(failures: number): Promise<void> {
    if (failures === 0) return;
    const first = this.#options.firstRetryMs ?? FIRST_RETRY_MS;
    const ms = Math.min(first * 2 ** (failures - 1), LONGEST_RETRY_MS);
    await sleep(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }

  async #attempt(pending: Pending): Promise<unknown> {
    const { message, receipt, failures } = pending;
    if (failures > 0) receipt.working();
    try {
      await this.#options.handler(message, (about) => {
        pending.about = about;
      });
    } catch (error) {
      return error ?? new Error('the handler threw nothing');
    }
    this.#delivered += 1;
    receipt.acknowledge();
    return null;
  }

  #judge({ message, receipt, failures, strikes, about: told }: Pending, error: unknown): boolean {
    const about = { err: error, kind: message.kind, systemId: message.systemId, ...told, failures };
    if (strikes < STRIKES) {
      this.#retried += 1;
      this.#options.logger.warn(about, 'a message from a device failed and is tried again');
      return false;
    }
    this.#dead += 1;
    this.#options.logger.error(
      { ...about, payload: shown(message.payload) },
      'a message from a device is given up',
    );
    receipt.giveUp(error instanceof Error ? error.message : String(error));
    return true;
  }
}

export function createUplinkDelivery(options: DeliveryOptions): UplinkDelivery {
  return new Delivery(options);
}
