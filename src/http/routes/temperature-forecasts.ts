import { Readable } from 'node:stream';
import type { Static } from 'typebox';
import { NotFound } from '../../cloud/refusals.ts';
import type { TemperatureForecast } from '../../ports/temperature-forecasts.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { needs } from '../principal.ts';
import { answers } from '../schemas/answers.ts';
import { SiteParams } from '../schemas/common.ts';
import {
  TEMPERATURE_CSV_EXAMPLE,
  TEMPERATURE_RANGE,
  TemperatureForecastBody,
  TemperatureForecastSchema,
  TemperatureSavedSchema,
} from '../schemas/telemetry.ts';
import { readTable } from '../telemetry/table.ts';
import { createTemperatureCheck } from '../telemetry/temperature-check.ts';
import { visibleSite } from '../visible.ts';

type TemperatureDependencies = Pick<
  HttpDependencies,
  'control' | 'temperatureForecasts' | 'renewals' | 'clocks'
>;

const HOUR_MS = 3_600_000;
const tags = ['telemetry'];
const COLUMNS = { temperature_c: TEMPERATURE_RANGE };

/** The forecast of a body. Throws a problem that names the rows which are wrong. */
async function forecastOf(
  body: Static<typeof TemperatureForecastBody> | Readable,
  now: Date,
): Promise<TemperatureForecast> {
  const check = createTemperatureCheck(now);
  if (body instanceof Readable)
    await readTable(body, COLUMNS, {
      refuse: check.refuse,
      add: (row, hour, { temperature_c }) => check.add(row, hour, temperature_c),
    });
  else for (const [i, { hour, temperatureC }] of body.hours.entries()) check.add(i + 1, hour, temperatureC);
  return check.finish();
}

const hoursOf = ({ start, values }: TemperatureForecast) =>
  Array.from(values, (value, i) => ({
    hour: new Date(start + i * HOUR_MS).toISOString(),
    temperatureC: value,
  })).filter(({ temperatureC }) => !Number.isNaN(temperatureC));

function writeRoute(app: App, dependencies: TemperatureDependencies): void {
  const { control, temperatureForecasts, renewals, clocks } = dependencies;
  app.post(
    '/telemetry/:systemId/temperature-forecast',
    {
      config: { access: needs('telemetry:write'), refusals: [404, 422] },
      schema: {
        tags,
        operationId: 'writeTemperatureForecast',
        summary: 'Supply a temperature forecast',
        description:
          'As JSON or text/csv, up to 16 days ahead. Known from the moment it comes in: trainings see it from then on alone, and the device gets it by its signed configuration. Each call is a forecast of its own; a single wrong row refuses all.',
        params: SiteParams,
        body: {
          content: {
            'application/json': { schema: TemperatureForecastBody },
            'application/x-www-form-urlencoded': { schema: TemperatureForecastBody },
            'text/csv': { schema: { type: 'string', examples: [TEMPERATURE_CSV_EXAMPLE] } },
          },
        },
        response: answers({ 200: TemperatureSavedSchema }),
      },
    },
    async (request) => {
      const { systemId } = request.params;
      await visibleSite(control, personOf(request), systemId);
      // Which of the two it is, the content type decided before this handler.
      const body = request.body as Static<typeof TemperatureForecastBody> | Readable;
      const forecast = await forecastOf(body, clocks.site.now());
      const issuedAt = await temperatureForecasts.save(systemId, forecast);
      // The device is told at once instead of within the hour.
      if (issuedAt !== null) await renewals.hasten(systemId);
      const hours = hoursOf(forecast);
      return {
        systemId,
        issuedAt: issuedAt === null ? null : new Date(issuedAt).toISOString(),
        ...{ hours: hours.length, firstHour: hours[0]?.hour, lastHour: hours.at(-1)?.hour },
      };
    },
  );
}

function readRoute(app: App, { control, temperatureForecasts }: TemperatureDependencies): void {
  app.get(
    '/telemetry/:systemId/temperature-forecast',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'readTemperatureForecast',
        summary: 'The newest temperature forecast of a site',
        params: SiteParams,
        response: answers({ 200: TemperatureForecastSchema }),
      },
    },
    async (request) => {
      const { systemId } = request.params;
      await visibleSite(control, personOf(request), systemId);
      const forecast = await temperatureForecasts.latest(systemId);
      if (forecast === null)
        throw new NotFound('temperature forecast', systemId, 'none was supplied for this site');
      return { systemId, issuedAt: new Date(forecast.issuedAt).toISOString(), hours: hoursOf(forecast) };
    },
  );
}

/** Temperature forecasts that somebody supplies. Tables are read by the parser of the readings' routes. */
export function temperatureRoutes(app: App, dependencies: TemperatureDependencies): void {
  writeRoute(app, dependencies);
  readRoute(app, dependencies);
}
