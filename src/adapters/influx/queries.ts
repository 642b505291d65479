import {
  type FluxParameterLike,
  flux,
  fluxExpression,
  type ParameterizedQuery,
} from '@influxdata/influxdb-client';
import type { FieldPlace, InfluxMapping } from './mapping.ts';

/**
 * Flux as this store asks it. Every value goes in as a parameter of the client's template, which quotes and escapes
 * it; only the words of the language are text.
 */

const START_OF_TIME = new Date(0);
/** The last whole century that the server's nanoseconds can tell. */
const END_OF_TIME = new Date('2200-01-01T00:00:00Z');

const every = (conditions: readonly ParameterizedQuery[], word: 'and' | 'or'): FluxParameterLike =>
  fluxExpression(conditions.map((condition) => `(${condition})`).join(` ${word} `));

/** Series of these fields that belong to the site. */
function series(
  bucket: string,
  mapping: Pick<InfluxMapping, 'siteTag' | 'tags'>,
  systemId: string,
  places: readonly FieldPlace[],
  from: Date,
  to: Date,
): ParameterizedQuery {
  const ours = [[mapping.siteTag, systemId] as const, ...Object.entries(mapping.tags)];
  const tags = every(
    ours.map(([tag, value]) => flux`r[${tag}] == ${value}`),
    'and',
  );
  const fields = every(
    places.map(({ measurement, field }) => flux`r._measurement == ${measurement} and r._field == ${field}`),
    'or',
  );
  return flux`from(bucket: ${bucket})
  |> range(start: ${from}, stop: ${to})
  |> filter(fn: (r) => ${fields})
  |> filter(fn: (r) => ${tags})`;
}

export interface SeriesRequest {
  readonly bucket: string;
  readonly mapping: Pick<InfluxMapping, 'siteTag' | 'tags'>;
  readonly systemId: string;
  readonly places: readonly FieldPlace[];
}

/**
 * One value an hour of each series, stamped by the hour's start: left alone, Flux stamps a window by its end.
 * Rows `_time`, `_measurement`, `_field`, `_value`.
 */
export function hourly(
  { bucket, mapping, systemId, places }: SeriesRequest,
  from: Date,
  to: Date,
  how: 'mean' | 'max',
): ParameterizedQuery {
  return flux`${series(bucket, mapping, systemId, places, from, to)}
  |> aggregateWindow(every: 1h, fn: ${fluxExpression(how)}, createEmpty: false, timeSrc: "_start")
  |> keep(columns: ["_time", "_measurement", "_field", "_value"])`;
}

/** The first or the last point of each series; rows with `_time`. */
export function edge(
  { bucket, mapping, systemId, places }: SeriesRequest,
  which: 'first' | 'last',
): ParameterizedQuery {
  return flux`${series(bucket, mapping, systemId, places, START_OF_TIME, END_OF_TIME)}
  |> ${fluxExpression(which)}()
  |> keep(columns: ["_time", "_measurement", "_field"])`;
}

/** All points as they lie; rows with `_time`, `_field`, `_value` and the given tags. */
export function points(
  { bucket, mapping, systemId, places }: SeriesRequest,
  from: Date,
  to: Date,
  tags: readonly string[],
): ParameterizedQuery {
  return flux`${series(bucket, mapping, systemId, places, from, to)}
  |> keep(columns: ${['_time', '_measurement', '_field', '_value', ...tags]})`;
}

/** The newest point of each series; rows with `_time`, `_field`, `_value`. */
export function newest({ bucket, mapping, systemId, places }: SeriesRequest): ParameterizedQuery {
  return flux`${series(bucket, mapping, systemId, places, START_OF_TIME, END_OF_TIME)}
  |> last()
  |> keep(columns: ["_time", "_measurement", "_field", "_value"])`;
}

const SCHEMA = fluxExpression('import "influxdata/influxdb/schema"');

/** Names of what the bucket holds; rows with `_value`. Left alone, these look back 30 days. */
export const measurementsOf = (bucket: string): ParameterizedQuery =>
  flux`${SCHEMA}
schema.measurements(bucket: ${bucket}, start: ${START_OF_TIME})`;

export const fieldsOf = (bucket: string, measurement: string): ParameterizedQuery =>
  flux`${SCHEMA}
schema.measurementFieldKeys(bucket: ${bucket}, measurement: ${measurement}, start: ${START_OF_TIME})`;

export const tagValuesOf = (bucket: string, measurement: string, tag: string): ParameterizedQuery =>
  flux`${SCHEMA}
schema.measurementTagValues(bucket: ${bucket}, measurement: ${measurement}, tag: ${tag}, start: ${START_OF_TIME})`;

/** Asks for next to nothing, to see whether the bucket can be read. */
export const probe = (bucket: string): ParameterizedQuery =>
  flux`from(bucket: ${bucket})
  |> range(start: -1m)
  |> limit(n: 1)`;
