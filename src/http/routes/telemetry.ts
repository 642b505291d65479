import { Readable } from 'node:stream';
import type { Static } from 'typebox';
import { Invalid } from '../../cloud/refusals.ts';
import { suspectReadings } from '../../cloud/suspect-readings.ts';
import type { Reading, TelemetryStore } from '../../ports/telemetry.ts';
import { principalOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { instantOf } from '../local-day.ts';
import { needsOrDevice } from '../principal.ts';
import { Problem } from '../problem/problem.ts';
import { answers } from '../schemas/answers.ts';
import { SiteParams } from '../schemas/common.ts';
import {
  CSV_EXAMPLE,
  MAX_READ_DAYS,
  ReadingsBody,
  ReadingsQuery,
  ReadingsSchema,
  WriteSummarySchema,
} from '../schemas/telemetry.ts';
import { readCsv } from '../telemetry/csv.ts';
import { createReadingCheck } from '../telemetry/reading-check.ts';
import { MAX_CSV_BYTES } from '../telemetry/table.ts';
import { visibleSite } from '../visible.ts';
import { temperatureRoutes } from './temperature-forecasts.ts';

type TelemetryDependencies = Pick<
  HttpDependencies,
  'control' | 'telemetry' | 'clocks' | 'temperatureForecasts' | 'renewals'
>;

const tags = ['telemetry'];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What a call without a span reads. */
const DEFAULT_DAYS = 7;

/** All rows of the body, checked. Throws a problem that names the rows which are wrong. */
async function readingsOf(
  body: Static<typeof ReadingsBody> | Readable,
  now: Date,
): Promise<readonly Reading[]> {
  const check = createReadingCheck(now);
  if (body instanceof Readable) await readCsv(body, check);
  else for (const [index, reading] of body.readings.entries()) check.add(index + 1, reading);
  return check.finish();
}

/** More are not listed. */
const MOST_SUSPECT = 100;
/** Rows stored at once: larger parts would hold up other requests while they are encoded. */
const WRITE_ROWS = 2_000;

/** Stores checked rows in parts. Should the store fail between two, repeating the call completes it. */
async function writeAll(
  telemetry: TelemetryStore,
  systemId: string,
  readings: readonly Reading[],
): Promise<number> {
  let changed = 0;
  for (let from = 0; from < readings.length; from += WRITE_ROWS) {
    changed += (await telemetry.write(systemId, readings.slice(from, from + WRITE_ROWS))).changed;
  }
  return changed;
}

function summaryOf(systemId: string, readings: readonly Reading[]) {
  const hours = readings.map(({ hour }) => hour).sort();
  return { systemId, readings: readings.length, firstHour: hours.at(0), lastHour: hours.at(-1) };
}

interface Span {
  readonly from: Date;
  readonly to: Date;
}

function spanOf({ days, from, to }: Static<typeof ReadingsQuery>, now: Date): Span {
  if (days !== undefined && (from !== undefined || to !== undefined))
    throw new Invalid('two-spans', 'Give either days, or from and to.');
  // The hour in progress belongs to the span.
  const end = to === undefined ? new Date(now.getTime() + HOUR_MS) : new Date(instantOf(to));
  const start =
    from === undefined
      ? new Date(end.getTime() - (days ?? DEFAULT_DAYS) * DAY_MS)
      : new Date(instantOf(from));
  const length = end.getTime() - start.getTime();
  if (!(length > 0)) throw new Invalid('span-reversed', 'from must be an instant before to.');
  if (length > (MAX_READ_DAYS + 1) * DAY_MS)
    throw new Invalid('span-too-long', `Ask for at most ${MAX_READ_DAYS} days at a time.`);
  return { from: start, to: end };
}

function writeRoute(app: App, { control, telemetry, clocks }: TelemetryDependencies): void {
  app.post(
    '/telemetry/:systemId',
    {
      config: { access: needsOrDevice('telemetry:write'), refusals: [404, 422] },
      schema: {
        tags,
        operationId: 'writeTelemetry',
        summary: 'Store hourly readings',
        description: `As JSON, or as text/csv of at most ${MAX_CSV_BYTES / 1024 / 1024} MB. A single wrong row refuses all, and the refusal names it.`,
        params: SiteParams,
        body: {
          content: {
            'application/json': { schema: ReadingsBody },
            'application/x-www-form-urlencoded': { schema: ReadingsBody },
            'text/csv': { schema: { type: 'string', examples: [CSV_EXAMPLE] } },
          },
        },
        response: answers({ 200: WriteSummarySchema }),
      },
    },
    async (request) => {
      const { systemId } = request.params;
      await visibleSite(control, principalOf(request), systemId);
      // Which of the two it is, the content type decided before this handler.
      const body = request.body as Static<typeof ReadingsBody> | Readable | undefined | null;
      // Without a content type nothing was checked, since there is nothing.
      if (body === undefined || body === null)
        throw new Problem(400, 'empty-body', 'Send readings as JSON or as text/csv.');
      const readings = await readingsOf(body, clocks.site.now());
      const changed = await writeAll(telemetry, systemId, readings);
      const suspectHours = (await suspectReadings(telemetry, systemId, readings)).slice(0, MOST_SUSPECT);
      return {
        ...summaryOf(systemId, readings),
        changed,
        ...(suspectHours.length === 0 ? {} : { suspectHours }),
      };
    },
  );
}

function readRoute(app: App, { control, telemetry, clocks }: TelemetryDependencies): void {
  app.get(
    '/telemetry/:systemId',
    {
      config: { access: needsOrDevice('ml:read'), refusals: [404, 422] },
      schema: {
        tags,
        operationId: 'readTelemetry',
        summary: 'Hourly readings of a site',
        description: `The last ${DEFAULT_DAYS} days, unless days, or from and to, say otherwise.`,
        params: SiteParams,
        querystring: ReadingsQuery,
        response: answers({ 200: ReadingsSchema }),
      },
    },
    async (request) => {
      const { systemId } = request.params;
      await visibleSite(control, principalOf(request), systemId);
      const { from, to } = spanOf(request.query, clocks.site.now());
      const [readings, extent] = await Promise.all([
        telemetry.read(systemId, from, to),
        telemetry.extent(systemId),
      ]);
      return { systemId, from: from.toISOString(), to: to.toISOString(), extent, readings };
    },
  );
}

export const telemetryRoutes =
  (dependencies: TelemetryDependencies) =>
  async (app: App): Promise<void> => {
    app.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload));
    writeRoute(app, dependencies);
    readRoute(app, dependencies);
    temperatureRoutes(app, dependencies);
  };
