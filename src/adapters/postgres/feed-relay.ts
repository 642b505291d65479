import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Logger } from 'pino';
import type { SequencedFact } from '../../events/envelope.ts';
import type { EventLog } from '../../ports/event-log.ts';
import { clientOptions } from './connect.ts';

export interface FeedRelayOptions {
  /** A connection of its own, because the lock ends with it. */
  readonly connectionString: string;
  readonly log: Pick<EventLog, 'readFeed' | 'onFacts'>;
  /** Names the checkpoint and the lock: nodes that relay under one name take turns. */
  readonly name: string;
  /** Hands facts on, in order. One that throws gets the same facts, or more, again. */
  readonly deliver: (facts: readonly SequencedFact[]) => Promise<void>;
  readonly logger: Logger;
  /** Longest wait between two looks at the feed, and at whether the other node still relays. Default 1000. */
  readonly pollMs?: number | undefined;
}

export interface FeedRelay {
  /** Passed on up to this `seq`, as this node knows; null while another node relays. */
  position(): number | null;
  close(): Promise<void>;
}

/** First key of the relays' advisory locks; the second is made of the name. */
const LOCK_FAMILY = 1_279_870_517;
const PAGE = 500;
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 10_000;
/** The server misses a node whose machine died within half a minute: the lock is free then. */
const KEEPALIVE =
  'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3';

/** The lock of this turn is gone: another node may relay by now. */
class TurnLost extends Error {
  override readonly name = 'TurnLost';
}

class Relay implements FeedRelay {
  readonly #options: FeedRelayOptions;
  readonly #pollMs: number;
  readonly #closing = new AbortController();
  readonly #running: Promise<void>;
  #wake: () => void = () => undefined;
  #position: number | null = null;
  #backoffMs = FIRST_BACKOFF_MS;

  constructor(options: FeedRelayOptions) {
    this.#options = options;
    this.#pollMs = options.pollMs ?? 1_000;
    this.#running = this.#run();
  }

  position(): number | null {
    return this.#position;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const off = this.#options.log.onFacts(() => this.#wake());
    while (!this.#closing.signal.aborted) {
      await this.#session().catch((error: unknown) => this.#report(error));
      this.#position = null;
      await this.#pause(this.#backoffMs);
    }
    off();
  }

  #report(error: unknown): void {
    if (this.#closing.signal.aborted) return;
    const { name, logger } = this.#options;
    logger.warn(
      { err: error, relay: name, retryMs: this.#backoffMs },
      'the feed is not passed on; trying again',
    );
    this.#backoffMs = Math.min(this.#backoffMs * 2, LONGEST_BACKOFF_MS);
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#closing.signal }).catch(() => undefined);
  }

  /** From connecting to the loss of the connection. */
  async #session(): Promise<void> {
    const { connectionString, name, logger } = this.#options;
    const client = new pg.Client(clientOptions({ connectionString, logger }, ` relay ${name}`));
    let lost = false;
    client.on('error', () => {
      lost = true;
    });
    await client.connect();
    try {
      await client.query(KEEPALIVE);
      if (await this.#takeTurn(client)) await this.#relay(client, () => lost);
    } finally {
      await client.end();
    }
  }

  /** Waits until no other node relays; false when closed before. */
  async #takeTurn(client: pg.Client): Promise<boolean> {
    const lock = 'select pg_try_advisory_lock($1, hashtext($2)) as taken';
    while (!this.#closing.signal.aborted) {
      const { rows } = await client.query<{ taken: boolean }>(lock, [LOCK_FAMILY, this.#options.name]);
      if (rows[0]?.taken === true) return true;
      await this.#pause(this.#pollMs);
    }
    return false;
  }

  async #relay(client: pg.Client, lost: () => boolean): Promise<void> {
    const { name, log, deliver, logger } = this.#options;
    let seq = await this.#checkpoint(client);
    this.#position = seq;
    logger.info({ relay: name, seq }, 'this node passes the feed on');
    while (!this.#closing.signal.aborted) {
      const facts = await log.readFeed(seq, PAGE);
      if (lost()) throw new TurnLost(`the connection that holds the turn of ${name} is lost`);
      const last = facts.at(-1);
      if (last === undefined) {
        await this.#newFacts();
        continue;
      }
      await deliver(facts);
      await this.#advance(client, seq, last.seq);
      seq = last.seq;
    }
  }

  async #checkpoint(client: pg.Client): Promise<number> {
    const { name } = this.#options;
    await client.query('insert into lifo4.feed_reader (name, seq) values ($1, 0) on conflict do nothing', [
      name,
    ]);
    const { rows } = await client.query<{ seq: string }>(
      'select seq from lifo4.feed_reader where name = $1',
      [name],
    );
    return Number(rows[0]?.seq ?? 0);
  }

  async #advance(client: pg.Client, from: number, to: number): Promise<void> {
    const { name } = this.#options;
    const { rowCount } = await client.query(
      'update lifo4.feed_reader set seq = $3 where name = $1 and seq = $2',
      [name, from, to],
    );
    if (rowCount !== 1) throw new TurnLost(`another node moved the checkpoint of ${name}`);
    this.#position = to;
    this.#backoffMs = FIRST_BACKOFF_MS;
  }

  #newFacts(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(done, this.#pollMs);
      this.#wake = done;
      if (this.#closing.signal.aborted) done();
    });
  }
}

/**
 * Passes the feed on to something outside the database, at least once and in order, from where the last one stopped,
 * on whichever node; one node at a time, and another when that one is gone. A first start begins with the first fact.
 */
export function relayFeed(options: FeedRelayOptions): FeedRelay {
  return new Relay(options);
}
