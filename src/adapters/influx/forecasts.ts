import { Point } from '@influxdata/influxdb-client';
import type { DayScore } from '../../ports/scores.ts';
import type { ForecastHour, ForecastStore, StoredForecast } from '../../ports/telemetry.ts';
import { type BatchWriter, createBatchWriter } from './batches.ts';
import type { InfluxConnection, InfluxRow } from './connection.ts';
import type { InfluxMapping } from './mapping.ts';
import { newest, points as pointsQuery, type SeriesRequest } from './queries.ts';

const HOUR_MS = 3_600_000;
/** Points of a forecast lie at the hour they speak of, told apart by lead: charts of one lead need no arithmetic. */
const HOURS = 'lifo4_forecast';
const ISSUES = 'lifo4_forecast_issue';
const SCORES = 'lifo4_score';
const LEAD = 'lead';
/** `device` for what the device served, or the name of another model of its version. */
const MODEL = 'model';

const HOUR_FIELDS = ['load_kw', 'lower_kw', 'upper_kw', 'peak_probability'] as const;
const ISSUE_FIELDS = ['version', 'model_type', 'device_id', 'hours'] as const;

const FIGURES = ['mape', 'wape', 'rmse', 'coverage'] as const;

export interface InfluxForecasts extends ForecastStore {
  /** The same day given again replaces what was given before. */
  saveScores(scores: readonly DayScore[]): Promise<void>;
}

export interface InfluxForecastOptions {
  readonly connection: InfluxConnection;
  readonly mapping: Pick<InfluxMapping, 'siteTag'>;
}

const leadOf = (issuedAt: number, hour: number): number => Math.round((hour - issuedAt) / HOUR_MS) + 1;

class ForecastPoints implements InfluxForecasts {
  readonly #connection: InfluxConnection;
  readonly #siteTag: string;
  readonly #writer: BatchWriter;

  constructor({ connection, mapping }: InfluxForecastOptions) {
    this.#connection = connection;
    this.#siteTag = mapping.siteTag;
    this.#writer = createBatchWriter(connection);
  }

  save(forecast: StoredForecast): Promise<void> {
    const { systemId, issuedAt, version, modelType, deviceId, hours } = forecast;
    const issued = Date.parse(issuedAt);
    const issue = this.#point(ISSUES, systemId, issued)
      .stringField('version', version ?? '')
      .stringField('model_type', modelType)
      .stringField('device_id', deviceId)
      .intField('hours', hours.length);
    return this.#writer.write([...hours.map((hour) => this.#hourPoint(systemId, issued, hour)), issue]);
  }

  async latest(systemId: string): Promise<StoredForecast | null> {
    const rows = await this.#connection.query(newest(this.#request(systemId, ISSUES, ISSUE_FIELDS)));
    const issuedAt = rows[0]?.['_time'];
    if (issuedAt === undefined) return null;
    const issue = new Map(rows.map((row) => [row['_field'], row['_value']]));
    const issued = Date.parse(String(issuedAt));
    const version = String(issue.get('version') ?? '');
    return {
      systemId,
      issuedAt: new Date(issued).toISOString(),
      version: version === '' ? null : version,
      modelType: String(issue.get('model_type')),
      deviceId: String(issue.get('device_id')),
      hours: await this.#hoursOf(systemId, issued, Number(issue.get('hours'))),
    };
  }

  saveScores(scores: readonly DayScore[]): Promise<void> {
    const scored = scores.map((day) => {
      const point = this.#point(SCORES, day.systemId, Date.parse(day.issuedAt))
        .tag(MODEL, day.model)
        .stringField('version', day.version ?? '')
        .stringField('model_type', day.modelType)
        .intField('hours', day.hours);
      for (const name of FIGURES) if (day[name] !== null) point.floatField(name, day[name]);
      return point;
    });
    return this.#writer.write(scored);
  }

  #request(systemId: string, measurement: string, fields: readonly string[]): SeriesRequest {
    return {
      bucket: this.#connection.place.bucket,
      mapping: { siteTag: this.#siteTag, tags: {} },
      systemId,
      places: fields.map((field) => ({ measurement, field })),
    };
  }

  #point(measurement: string, systemId: string, time: number): Point {
    return new Point(measurement).tag(this.#siteTag, systemId).timestamp(time);
  }

  #hourPoint(systemId: string, issued: number, hour: ForecastHour): Point {
    const time = Date.parse(hour.hour);
    const lead = String(leadOf(issued, time)).padStart(2, '0');
    const point = this.#point(HOURS, systemId, time)
      .tag(LEAD, lead)
      .floatField('load_kw', hour.loadKw)
      .floatField('lower_kw', hour.lowerKw)
      .floatField('upper_kw', hour.upperKw);
    return hour.peakProbability === null ? point : point.floatField('peak_probability', hour.peakProbability);
  }

  /** Of all points of those hours, the ones whose lead is counted from this issue. */
  async #hoursOf(systemId: string, issued: number, count: number): Promise<readonly ForecastHour[]> {
    const request = this.#request(systemId, HOURS, HOUR_FIELDS);
    const until = new Date(issued + count * HOUR_MS);
    const rows = await this.#connection.query(pointsQuery(request, new Date(issued), until, [LEAD]));
    const byHour = new Map<number, Map<unknown, unknown>>();
    for (const row of rows.filter((each) => belongsTo(each, issued))) {
      const time = Date.parse(String(row['_time']));
      byHour.set(time, (byHour.get(time) ?? new Map()).set(row['_field'], row['_value']));
    }
    return [...byHour].sort(([a], [b]) => a - b).map(([time, fields]) => hourOf(time, fields));
  }
}

const belongsTo = (row: InfluxRow, issued: number): boolean =>
  Number(row[LEAD]) === leadOf(issued, Date.parse(String(row['_time'])));

function hourOf(time: number, fields: ReadonlyMap<unknown, unknown>): ForecastHour {
  const peak = fields.get('peak_probability');
  return {
    hour: new Date(time).toISOString(),
    loadKw: Number(fields.get('load_kw')),
    lowerKw: Number(fields.get('lower_kw')),
    upperKw: Number(fields.get('upper_kw')),
    peakProbability: peak === undefined || peak === null ? null : Number(peak),
  };
}

/**
 * Forecasts and scores as points, for charts beside the measured load: `lifo4_forecast` at the hour spoken of, by
 * lead; `lifo4_forecast_issue` at the issue time; `lifo4_score` at the day's
 * first hour, by model.
 */
export const createInfluxForecasts = (options: InfluxForecastOptions): InfluxForecasts =>
  new ForecastPoints(options);
