import { Point } from '@influxdata/influxdb-client';
import { checkReadings, mergeByHour, READING_VALUES, type ReadingValue } from '../../ports/readings.ts';
import {
  type Reading,
  type TelemetryStore,
  TelemetryUnfit,
  type WriteSummary,
} from '../../ports/telemetry.ts';
import type { InfluxConnection, InfluxRow } from './connection.ts';
import { type FieldPlace, factorOf, type InfluxMapping, mappedValues } from './mapping.ts';
import { edge, fieldsOf, hourly, measurementsOf, type SeriesRequest, tagValuesOf } from './queries.ts';

const HOUR_MS = 3_600_000;
/** Hours asked for at once; a year comes in pages. */
const PAGE_HOURS = 92 * 24;
/** Fewer hours tell too little of a site's level. */
const LEVEL_HOURS = 7 * 24;
const SHOWN_NAMES = 8;

export interface InfluxTelemetryOptions {
  readonly connection: InfluxConnection;
  readonly mapping: InfluxMapping;
}

interface Sum {
  total: number;
  count: number;
}

/** By hour (epoch ms), then by value: what all series of a field say of it. */
type Sums = Map<number, Map<ReadingValue, Sum>>;

interface Page {
  readonly from: Date;
  readonly to: Date;
  readonly mapped: ReturnType<typeof mappedValues>;
}

const keyOf = ({ measurement, field }: FieldPlace): string => `${measurement}\n${field}`;
const upToHour = (time: Date): number => Math.ceil(time.getTime() / HOUR_MS) * HOUR_MS;
const hourOf = (time: number): string => new Date(Math.floor(time / HOUR_MS) * HOUR_MS).toISOString();

/** `value_max`: demand is the highest of its hour, all else the mean. */
const howToMerge = (value: ReadingValue): 'mean' | 'max' => (value === 'max15Kw' ? 'max' : 'mean');

function addRow(sums: Sums, row: InfluxRow, value: ReadingValue, factor: number): void {
  const time = Date.parse(String(row['_time']));
  const number = row['_value'];
  if (typeof number !== 'number' || !Number.isFinite(number) || Number.isNaN(time)) return;
  const hour = sums.get(time) ?? new Map<ReadingValue, Sum>();
  const sum = hour.get(value) ?? { total: 0, count: 0 };
  sum.total += number * factor;
  sum.count += 1;
  sums.set(time, hour.set(value, sum));
}

/** Several series of one field, one for each device or meter in turn, are averaged where they overlap. */
function readingsOf(sums: Sums): readonly Reading[] {
  return [...sums]
    .sort(([a], [b]) => a - b)
    .map(([time, values]) => {
      const means = READING_VALUES.flatMap((name) => {
        const sum = values.get(name);
        return sum === undefined ? [] : [[name, sum.total / sum.count] as const];
      });
      return { hour: hourOf(time), ...Object.fromEntries(means) };
    });
}

/** Watts that are taken for kilowatts make every site a thousand times too large. Throws {@link TelemetryUnfit}. */
function checkUnit(systemId: string, readings: readonly Reading[], mapping: InfluxMapping): void {
  const loads = readings.flatMap(({ loadKw }) => (loadKw === undefined ? [] : [Math.abs(loadKw)]));
  if (loads.length < LEVEL_HOURS) return;
  const median = loads.sort((a, b) => a - b)[loads.length >> 1] ?? 0;
  const { min, max } = mapping.plausibleKw;
  if (median >= min && median <= max) return;
  throw new TelemetryUnfit(
    'telemetry-unit-wrong',
    `INFLUX_POWER_UNIT: as ${mapping.powerUnit}, the median load of ${systemId} is ${median.toPrecision(3)} kW, not within ${min} to ${max} kW; set the unit in which ${mapping.fields.loadKw.field} is stored, or widen INFLUX_PLAUSIBLE_KW`,
  );
}

const named = (rows: readonly InfluxRow[]): readonly string[] => rows.map((row) => String(row['_value']));
const shown = (names: readonly string[]): string =>
  names.length === 0 ? 'none' : names.slice(0, SHOWN_NAMES).join(', ');

class InfluxTelemetry implements TelemetryStore {
  readonly #connection: InfluxConnection;
  readonly #mapping: InfluxMapping;

  constructor({ connection, mapping }: InfluxTelemetryOptions) {
    this.#connection = connection;
    this.#mapping = mapping;
  }

  async write(systemId: string, readings: readonly Reading[]): Promise<WriteSummary> {
    checkReadings(systemId, readings);
    const merged = mergeByHour(readings);
    const [first, last] = [merged[0], merged.at(-1)];
    if (first === undefined || last === undefined) return { written: 0, changed: 0 };
    const before = await this.#readings(systemId, Date.parse(first.hour), Date.parse(last.hour) + HOUR_MS);
    const known = new Map(before.map((reading) => [reading.hour, reading]));
    const changed = merged.filter((reading) => this.#tellsNews(known.get(reading.hour), reading));
    await this.#connection.write(changed.flatMap((reading) => this.#points(systemId, reading)));
    return { written: merged.length, changed: changed.length };
  }

  async read(systemId: string, from: Date, to: Date): Promise<readonly Reading[]> {
    const readings = await this.#readings(systemId, upToHour(from), upToHour(to));
    checkUnit(systemId, readings, this.#mapping);
    return readings;
  }

  async priced(systemId: string, from: Date, to: Date): Promise<readonly Reading[]> {
    const price = mappedValues(this.#mapping).filter(([value]) => value === 'priceBrlMwh');
    return this.#readings(systemId, upToHour(from), upToHour(to), price);
  }

  async extent(systemId: string): Promise<{ readonly first: string; readonly last: string } | null> {
    const request = this.#request(systemId, mappedValues(this.#mapping));
    const [firsts, lasts] = await Promise.all([
      this.#connection.query(edge(request, 'first')),
      this.#connection.query(edge(request, 'last')),
    ]);
    const times = (rows: readonly InfluxRow[]) => rows.map((row) => Date.parse(String(row['_time'])));
    if (firsts.length === 0) return null;
    return { first: hourOf(Math.min(...times(firsts))), last: hourOf(Math.max(...times(lasts))) };
  }

  async whyEmpty(systemId: string): Promise<string> {
    const { siteTag, fields } = this.#mapping;
    const { measurement, field } = fields.loadKw;
    const { bucket } = this.#connection.place;
    const measurements = named(await this.#connection.query(measurementsOf(bucket)));
    if (!measurements.includes(measurement))
      return `INFLUX_MEASUREMENT: the bucket ${bucket} has no measurement ${measurement}; it has ${shown(measurements)}`;
    const found = named(await this.#connection.query(fieldsOf(bucket, measurement)));
    if (!found.includes(field))
      return `INFLUX_FIELDS: the measurement ${measurement} has no field ${field}; it has ${shown(found)}`;
    const sites = named(await this.#connection.query(tagValuesOf(bucket, measurement, siteTag)));
    if (sites.length === 0) return `INFLUX_SITE_TAG: the measurement ${measurement} has no tag ${siteTag}`;
    return `no point of ${measurement} in the bucket ${bucket} has ${siteTag}=${systemId} in this time; sites there: ${shown(sites)}`;
  }

  #request(systemId: string, values: readonly (readonly [ReadingValue, FieldPlace])[]): SeriesRequest {
    return {
      bucket: this.#connection.place.bucket,
      mapping: this.#mapping,
      systemId,
      places: values.map(([, place]) => place),
    };
  }

  /** Hours from `from` up to `to`, both whole, page by page. */
  async #readings(
    systemId: string,
    from: number,
    to: number,
    mapped = mappedValues(this.#mapping),
  ): Promise<readonly Reading[]> {
    const sums: Sums = new Map();
    for (let at = from; at < to; at += PAGE_HOURS * HOUR_MS) {
      const end = Math.min(to, at + PAGE_HOURS * HOUR_MS);
      await this.#addPage(systemId, { from: new Date(at), to: new Date(end), mapped }, sums);
    }
    return readingsOf(sums);
  }

  async #addPage(systemId: string, { from, to, mapped }: Page, sums: Sums): Promise<void> {
    const byPlace = new Map(mapped.map(([value, place]) => [keyOf(place), value]));
    for (const how of ['mean', 'max'] as const) {
      const values = mapped.filter(([value]) => howToMerge(value) === how);
      if (values.length === 0) continue;
      for (const row of await this.#connection.query(
        hourly(this.#request(systemId, values), from, to, how),
      )) {
        const place = { measurement: String(row['_measurement']), field: String(row['_field']) };
        const value = byPlace.get(keyOf(place));
        if (value !== undefined) addRow(sums, row, value, factorOf(this.#mapping, value));
      }
    }
  }

  #tellsNews(before: Reading | undefined, after: Reading): boolean {
    return mappedValues(this.#mapping).some(([value]) => isNews(before?.[value], after[value]));
  }

  /** One point for each measurement that the mapping spreads a reading over. */
  #points(systemId: string, reading: Reading): readonly Point[] {
    const points = new Map<string, Point>();
    for (const [value, { measurement, field }] of mappedValues(this.#mapping)) {
      const number = reading[value];
      if (number === undefined) continue;
      const point = points.get(measurement) ?? this.#point(measurement, systemId, reading.hour);
      points.set(measurement, point.floatField(field, number / factorOf(this.#mapping, value)));
    }
    return [...points.values()];
  }

  #point(measurement: string, systemId: string, hour: string): Point {
    const point = new Point(measurement).tag(this.#mapping.siteTag, systemId).timestamp(Date.parse(hour));
    for (const [tag, value] of Object.entries(this.#mapping.tags)) point.tag(tag, value);
    return point;
  }
}

/** A value that went through another unit may come back a last digit off. */
function isNews(before: number | undefined, after: number | undefined): boolean {
  if (after === undefined) return false;
  return before === undefined || Math.abs(after - before) > 1e-9 * Math.max(1, Math.abs(after));
}

/**
 * Hourly readings in InfluxDB 2, where the operators' own collectors may have put finer ones: the server merges them
 * to hours. A value that the mapping leaves out is neither read nor written. A write of more than 5,000 points is
 * several requests; one that fails midway may be repeated.
 */
export const createInfluxTelemetry = (options: InfluxTelemetryOptions): TelemetryStore =>
  new InfluxTelemetry(options);
