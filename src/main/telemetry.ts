import type { Logger } from 'pino';
import { openCceePrices } from '../adapters/ccee/prices.ts';
import { openInflux } from '../adapters/influx/open.ts';
import { createInfluxPrices } from '../adapters/influx/prices.ts';
import type { Clock } from '../ports/clocks.ts';
import type { EnergyPrices } from '../ports/energy-prices.ts';
import type { ForecastStore, TelemetryStore } from '../ports/telemetry.ts';
import { Unavailable } from '../ports/unavailable.ts';
import type { Config } from './config.ts';
import { BadSetting } from './settings/read.ts';

/** Where readings, forecasts and prices come from and go to. */
export interface OpenedTelemetry {
  readonly telemetry: TelemetryStore;
  readonly forecasts: ForecastStore;
  readonly prices: EnergyPrices | null;
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
    return { telemetry, forecasts, prices: files, check: null };
  }
  const opened = await openInflux({ ...influx, logger }).catch((error: unknown) => {
    if (!(error instanceof Unavailable)) throw error;
    const problem = `InfluxDB at ${influx.url} does not answer; check the address and that it runs`;
    throw new BadSetting('INFLUX_URL', problem);
  });
  const { connection, telemetry, forecasts, check } = opened;
  return {
    telemetry: scored(telemetry, postgres.telemetry),
    forecasts: copied(postgres.forecasts, forecasts, logger),
    prices: influx.price === null ? files : createInfluxPrices({ connection, ...influx.price }),
    check,
  };
}
