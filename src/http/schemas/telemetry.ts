import Type from 'typebox';
import { Instant, ModelVersion, nullable } from '../../events/values.ts';
import { closed } from './common.ts';

/** Largest magnitude of a power reading, kW: beyond it a meter is broken, not busy. */
export const MAX_KW = 1e7;
/** Least and most that air can have, °C. */
export const TEMPERATURE_RANGE = [-60, 80] as const;
/** Largest magnitude of an energy price, R$/MWh: far beyond the market's own limits. */
export const MAX_PRICE = 1e5;

const kw = (description: string) =>
  Type.Optional(Type.Number({ minimum: -MAX_KW, maximum: MAX_KW, description }));

const celsius = (description: string) =>
  Type.Number({ minimum: TEMPERATURE_RANGE[0], maximum: TEMPERATURE_RANGE[1], description });

const ReadingSchema = Type.Object(
  {
    hour: Instant,
    loadKw: kw('Meter (net load), mean of the hour, kW.'),
    batteryKw: kw('Battery, mean of the hour, kW; positive when discharging.'),
    pvKw: kw('Solar, mean of the hour, kW.'),
    temperatureC: Type.Optional(celsius('Ambient, °C.')),
    max15Kw: kw('Highest 15-minute demand within the hour, kW.'),
    priceBrlMwh: Type.Optional(
      Type.Number({
        minimum: -MAX_PRICE,
        maximum: MAX_PRICE,
        description:
          'Energy price of the hour, R$/MWh: taken as published on the day before, and with no other value beside it up to 48 h ahead.',
      }),
    ),
  },
  { ...closed, title: 'Reading' },
);

/** Readings in one JSON body; longer histories go as text/csv. */
const MAX_JSON_READINGS = 10_000;

export const ReadingsBody = Type.Object(
  { readings: Type.Array(ReadingSchema, { minItems: 1, maxItems: MAX_JSON_READINGS }) },
  {
    title: 'NewReadings',
    ...closed,
    examples: [{ readings: [{ hour: '2026-01-05T06:00:00Z', loadKw: 412.5, temperatureC: 24.1 }] }],
  },
);

export const CSV_EXAMPLE = `timestamp_utc,load_kw,battery_kw,pv_kw,temperature_c,max15_kw,price_brl_mwh
2026-01-05T06:00:00Z,412.5,,,24.1,,
`;

export const WriteSummarySchema = Type.Object(
  {
    systemId: Type.String(),
    readings: Type.Integer({ description: 'Rows received; all of them are stored.' }),
    changed: Type.Integer({ description: 'Hours that were new or are different now.' }),
    firstHour: Instant,
    lastHour: Instant,
    suspectHours: Type.Optional(
      Type.Array(Instant, {
        description:
          'Stored, but a hundred times the usual load of the two weeks before: check the unit, and send them again. Scored as missing; a training refuses them.',
      }),
    ),
  },
  {
    title: 'WriteSummary',
    description: 'Stored. A repeated reading overwrites only the columns that it carries.',
  },
);

/** Longest span that one call reads. */
export const MAX_READ_DAYS = 366;

export const ReadingsQuery = Type.Object(
  {
    days: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_READ_DAYS,
        description: 'The last so many days; not with from or to.',
      }),
    ),
    from: Type.Optional(Instant),
    to: Type.Optional(Instant),
  },
  closed,
);

export const ReadingsSchema = Type.Object(
  {
    systemId: Type.String(),
    from: Instant,
    to: Instant,
    extent: nullable(Type.Object({ first: Instant, last: Instant })),
    readings: Type.Array(ReadingSchema),
  },
  {
    title: 'ReadingList',
    description: 'Readings with from <= hour < to, oldest first; missing hours are absent.',
  },
);

/** Most hours ahead that a temperature forecast may speak of: 16 days. */
export const MAX_FORECAST_HOURS = 384;

const TemperatureHour = Type.Object({ hour: Instant, temperatureC: celsius('Ambient, °C.') }, closed);

export const TemperatureForecastBody = Type.Object(
  { hours: Type.Array(TemperatureHour, { minItems: 1, maxItems: 2 * MAX_FORECAST_HOURS }) },
  { ...closed, examples: [{ hours: [{ hour: '2026-01-05T06:00:00Z', temperatureC: 24.1 }] }] },
);

export const TEMPERATURE_CSV_EXAMPLE = `timestamp_utc,temperature_c
2026-01-05T06:00:00Z,24.1
`;

export const TemperatureSavedSchema = Type.Object(
  {
    systemId: Type.String(),
    issuedAt: nullable(
      Type.Intersect([Instant], {
        description: 'From when it is known: when it came in. Null where it says what the last one said.',
      }),
    ),
    hours: Type.Integer({ description: 'Hours that it speaks of, from the one in progress on.' }),
    firstHour: Instant,
    lastHour: Instant,
  },
  { description: 'Stored, to be told to the device and to be learnt from as it was known.' },
);

export const TemperatureForecastSchema = Type.Object(
  { systemId: Type.String(), issuedAt: Instant, hours: Type.Array(TemperatureHour) },
  { description: 'The newest temperature forecast of the site, as it was supplied.' },
);

export const ForecastSchema = Type.Object(
  {
    systemId: Type.String(),
    issuedAt: Instant,
    version: ModelVersion,
    modelType: Type.String(),
    deviceId: Type.String(),
    hours: Type.Array(
      Type.Object({
        hour: Instant,
        loadKw: Type.Number(),
        lowerKw: Type.Number({ description: 'Lower end of the 90 % band.' }),
        upperKw: Type.Number({ description: 'Upper end of the 90 % band.' }),
        peakProbability: nullable(
          Type.Number({ description: 'Chance that this is its local day’s highest hour, 0 to 1.' }),
        ),
        exceedanceProbability: Type.Optional(
          Type.Number({
            description:
              'Chance that the demand before the battery and after solar passes the contracted demand of its post with its tolerance, 0 to 1; absent where no contract is in force.',
          }),
        ),
        exceedanceBasis: Type.Optional(
          Type.Enum(['max15', 'hourly-mean'], {
            description: 'The highest 15-minute demand, or the hour’s mean where no 15 minutes are measured.',
          }),
        ),
      }),
    ),
  },
  { title: 'Forecast', description: 'The latest forecast that the site’s device made.' },
);
