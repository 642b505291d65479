import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Logger } from 'pino';
import {
  type EnergyPrices,
  type HourlyPrice,
  PricesUnfit,
  publishedBy,
  type Submarket,
} from '../../ports/energy-prices.ts';
import { type PricesByHour, parsePld } from './pld-csv.ts';

export interface CceePricesOptions {
  /** Files or http(s) addresses, one a year; where two tell of one hour, the later in the list stands. */
  readonly sources: readonly string[];
  readonly logger: Logger;
  /** How long what was read is used before the sources are looked at again, ms. Default one hour. */
  readonly freshMs?: number | undefined;
  /** Epoch ms on the machine clock. */
  readonly now: () => number;
}

type Prices = ReadonlyMap<Submarket, PricesByHour>;

/** A source as it was read, and how to tell whether it changed since. */
interface Copy {
  readonly mark: string;
  readonly prices: Prices;
}

const FRESH_MS = 3_600_000;
const PATIENCE_MS = 20_000;

const isAddress = (source: string): boolean => /^https?:\/\//.test(source);
const nameOf = (source: string): string => (isAddress(source) ? source : basename(source));

async function readLocal(path: string, known: Copy | undefined): Promise<Copy> {
  const { mtimeMs, size } = await stat(path);
  const mark = `${mtimeMs}/${size}`;
  if (known?.mark === mark) return known;
  return { mark, prices: parsePld(await readFile(path, 'utf8'), nameOf(path)) };
}

/** CCEE's own site turns away programs that do not look like a browser. */
const refusal = (url: string, status: number): PricesUnfit =>
  new PricesUnfit(
    `CCEE_PLD: ${url} answers with ${status}; check the address, or download the file and write its path instead`,
  );

async function readAddress(url: string, known: Copy | undefined): Promise<Copy> {
  const response = await fetch(url, {
    headers: known === undefined || known.mark === '' ? {} : { 'if-none-match': known.mark },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (response.status === 304 && known !== undefined) return known;
  if (!response.ok) throw refusal(url, response.status);
  return { mark: response.headers.get('etag') ?? '', prices: parsePld(await response.text(), nameOf(url)) };
}

/** What is behind the `fetch failed` of every failed request. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error) return cause.message || ('code' in cause ? String(cause.code) : cause.name);
  return error.message;
}

function unreadable(source: string, error: unknown): PricesUnfit {
  if (error instanceof PricesUnfit) return error;
  return new PricesUnfit(
    `CCEE_PLD: ${nameOf(source)} cannot be read (${reasonOf(error)}); check the path or the address`,
  );
}

class CceePrices implements EnergyPrices {
  readonly #options: CceePricesOptions;
  readonly #copies = new Map<string, Copy>();
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | null = null;

  constructor(options: CceePricesOptions) {
    this.#options = options;
  }

  /** Throws {@link PricesUnfit} for the first source that cannot be read. */
  async load(): Promise<void> {
    for (const source of this.#options.sources) await this.#readOne(source);
    this.#readAt = this.#options.now();
  }

  async read(submarket: Submarket, from: Date, to: Date): Promise<readonly HourlyPrice[]> {
    await this.#refresh();
    const hours = new Map<number, number>();
    for (const source of this.#options.sources) {
      for (const [hour, price] of this.#copies.get(source)?.prices.get(submarket) ?? []) {
        if (hour >= from.getTime() && hour < to.getTime()) hours.set(hour, price);
      }
    }
    return [...hours]
      .sort(([a], [b]) => a - b)
      .map(([hour, price]) => ({ hour: new Date(hour).toISOString(), price, knownAt: publishedBy(hour) }));
  }

  async #readOne(source: string): Promise<void> {
    const known = this.#copies.get(source);
    const reading = isAddress(source) ? readAddress(source, known) : readLocal(source, known);
    this.#copies.set(
      source,
      await reading.catch((error: unknown) => {
        throw unreadable(source, error);
      }),
    );
  }

  /** What was read before stays in use when a source is away or was damaged. */
  async #readAgain(): Promise<void> {
    for (const source of this.#options.sources) {
      await this.#readOne(source).catch(({ message }: PricesUnfit) =>
        this.#options.logger.warn(
          { reason: message },
          'energy prices could not be read again; the old ones stay in use',
        ),
      );
    }
    this.#readAt = this.#options.now();
  }

  async #refresh(): Promise<void> {
    if (this.#options.now() - this.#readAt < (this.#options.freshMs ?? FRESH_MS)) return;
    this.#reading ??= this.#readAgain().finally(() => {
      this.#reading = null;
    });
    await this.#reading;
  }
}

/** Hourly PLD from CCEE's published files. Throws {@link PricesUnfit} when a source cannot be read at the start. */
export async function openCceePrices(options: CceePricesOptions): Promise<EnergyPrices> {
  const prices = new CceePrices(options);
  await prices.load();
  return prices;
}
