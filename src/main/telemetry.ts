import type { Logger } from 'pino';
import { openCceePrices } from '../adapters/ccee/prices.ts';
import { openInflux } from '../adapters/influx/open.ts';
import { createInfluxPrices } from '../adapters/influx/prices.ts';
import type { ScoreTarget } from '../cloud/score-copier.ts';
import type { Clock } from '../ports/clocks.ts';
import type { EnergyPrices } from '../ports/energy-prices.ts';
import { speaksNoTls } from '../ports/no-tls.ts';
import { type ForecastStore, type TelemetryStore, TelemetryUnfit } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { Config } from './config.ts';
import { BadSetting } from './settings/read.ts';

/** Where readings, forecasts and prices come from and go to. */
export interface OpenedTelemetry {
  readonly telemetry: TelemetryStore;
  readonly forecasts: ForecastStore;
  readonly prices: EnergyPrices | null;
  /** Where scores of days are copied to; null for nowhere. */
  readonly scoreTarget: ScoreTarget | null;
  /** Rejects when an outside store does not answer; null for PostgreSQL, which is checked by itself. */
  readonly check: (() => Promise<void>) | null;
}

/**
 * PostgreSQL stays the truth of forecasts; what it has is copied for charts. A copy that fails is told in the log and
 * left out, since the device's next forecast is an hour away and must not wait for a chart.
 */
function copied(truth: ForecastStore, copy: ForecastStore, logger: Logger): ForecastStore {
  return {
    latest: (systemId) => truth.latest(systemId),
    save: async (forecast) => {
      await truth.save(forecast);
      await copy.save(forecast).catch((err: unknown) => {
        const { systemId, issuedAt } = forecast;
        logger.error({ err, systemId, issuedAt }, 'a forecast could not be copied to InfluxDB');
      });
    },
  };
}

/**
 * Forecasts are scored in PostgreSQL, against the readings that come through this service: they are written there
 * too. InfluxDB has them first, so that a repetition after a failure in between completes both.
 */
function scored(source: TelemetryStore, scores: TelemetryStore): TelemetryStore {
  const whyEmpty = source.whyEmpty?.bind(source);
  const priced = source.priced?.bind(source);
  return {
    ...(priced === undefined ? {} : { priced }),
    ...(whyEmpty === undefined ? {} : { whyEmpty }),
    read: (systemId, from, to) => source.read(systemId, from, to),
    extent: (systemId) => source.extent(systemId),
    write: async (systemId, readings) => {
      const summary = await source.write(systemId, readings);
      await scores.write(systemId, readings);
      return summary;
    },
  };
}

const MOST_WORDS = 120;

/** The beginning of an error's message in one line: servers of other kinds answer with whole pages. */
function briefly(error: unknown): string {
  const text = (error instanceof Error ? error.message || error.name : String(error)).replace(/\s+/g, ' ');
  return text.length <= MOST_WORDS ? text : `${text.slice(0, MOST_WORDS)}…`;
}

/** Names the setting and the fix; errors that do so stay as they are. */
function unusableInflux(url: string, error: unknown): unknown {
  if (error instanceof TelemetryUnfit) return error;
  if (error instanceof Unavailable)
    return new BadSetting(
      'INFLUX_URL',
      `InfluxDB at ${url} does not answer; check the address and that it runs`,
    );
  const reason = speaksNoTls(error)
    ? `the server at ${url} speaks no TLS; write http:// instead of https://, or turn TLS on there`
    : `what answers at ${url} is no InfluxDB 2, or refuses (${briefly(error)}); check the address and the port`;
  return new BadSetting('INFLUX_URL', reason);
}

/** Throws {@link BadSetting}, `TelemetryUnfit` and `PricesUnfit`. */
export async function openTelemetry(
  { influx, prices }: Pick<Config, 'influx' | 'prices'>,
  postgres: { readonly telemetry: TelemetryStore; readonly forecasts: ForecastStore },
  clock: Clock,
  root: Logger,
): Promise<OpenedTelemetry> {
  const logger = root.child({ part: 'telemetry' });
  if (prices.pld.length > 0 && influx !== null && influx.price !== null)
    throw new BadSetting(
      'CCEE_PLD',
      'leave it out, or leave price out of INFLUX_FIELDS: prices have one source',
    );
  const now = () => clock.now().getTime();
  const files = prices.pld.length === 0 ? null : await openCceePrices({ sources: prices.pld, logger, now });
  if (influx === null) {
    const { telemetry, forecasts } = postgres;
    return { telemetry, forecasts, prices: files, scoreTarget: null, check: null };
  }
  const opened = await openInflux({ ...influx, logger }).catch((error: unknown) => {
    throw unusableInflux(influx.url, error);
  });
  const { connection, telemetry, forecasts, check } = opened;
  return {
    telemetry: scored(telemetry, postgres.telemetry),
    forecasts: copied(postgres.forecasts, forecasts, logger),
    scoreTarget: {
      name: `influx:${influx.bucket}`,
      save: (days) => forecasts.saveScores(days),
    },
    prices: influx.price === null ? files : createInfluxPrices({ connection, ...influx.price }),
    check,
  };
}
