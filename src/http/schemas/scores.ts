import Type from 'typebox';
import { Instant, LocalDate, nullable } from '../../events/values.ts';
import { closed } from './common.ts';

const Kw = Type.Array(Type.Number());
const share = nullable(Type.Number());

/** Shares in percent. */
const figures = {
  day: LocalDate,
  issuedAt: Instant,
  modelType: Type.String(),
  version: nullable(Type.String()),
  mape: share,
  wape: share,
  rmse: nullable(Type.Number()),
  coverage90: share,
  hours: Type.Integer({ description: 'Hours scored.' }),
  excludedHours: Type.Integer({ description: 'Hours near zero, which count in no percentage.' }),
  suspectHours: Type.Integer({ description: 'Hours measured a hundred times too high: another unit.' }),
};

const DayScoreSchema = Type.Object(
  {
    ...figures,
    forecastKw: Kw,
    lowerKw: Kw,
    upperKw: Kw,
    actualKw: Type.Array(nullable(Type.Number())),
  },
  { title: 'DayScore' },
);

export const ScoreList = Type.Object(
  { systemId: Type.String(), items: Type.Array(DayScoreSchema) },
  {
    title: 'ScoreList',
    description:
      'Local days as they were forecast at their first hour, leads 1 to 24, and what was measured. Shares in percent.',
  },
);

const days = Type.Integer({ minimum: 1, maximum: 400, default: 30 });

export const DaysQuery = Type.Object({ days }, closed);

export const ScoreQuery = Type.Object(
  {
    days,
    model: Type.String({
      pattern: '^[a-z][a-z0-9-]{0,29}$',
      default: 'device',
      description: '`device` for what the device served, or another model of the version that served.',
    }),
  },
  closed,
);

const model = Type.String({
  description: '`device` for what the device served; a name for another model of that version.',
});

const ServedVersionSchema = Type.Object({
  version: nullable(Type.String({ description: 'Null where the device had no usable model.' })),
  modelType: Type.String(),
  firstDay: LocalDate,
  lastDay: LocalDate,
  days: Type.Integer(),
  mape: share,
  rmse: nullable(Type.Number()),
  coverage90: share,
});

export const AccuracyTrend = Type.Object(
  {
    systemId: Type.String(),
    days: Type.Array(Type.Object({ model, ...figures })),
    versions: Type.Array(ServedVersionSchema, {
      description: 'Means over the days that each version served, the newest version last.',
    }),
  },
  {
    title: 'AccuracyTrend',
    description: 'Daily figures of all models, oldest day first, and of each version that served.',
  },
);

export const ErrorHours = Type.Object(
  {
    systemId: Type.String(),
    from: LocalDate,
    to: LocalDate,
    cells: Type.Array(
      Type.Object({
        weekday: Type.Integer({ minimum: 0, maximum: 6, description: 'Monday is 0.' }),
        hour: Type.Integer({ minimum: 0, maximum: 23, description: 'Local hour.' }),
        error: nullable(
          Type.Number({ description: 'Mean absolute error as a share of the load of those hours, percent.' }),
        ),
        meanAbsoluteError: Type.Number({ description: 'kW' }),
        bias: Type.Number({ description: 'Mean of forecast less actual, kW.' }),
        hours: Type.Integer({ description: 'Hours scored.' }),
      }),
    ),
  },
  {
    title: 'ErrorHours',
    description:
      'Where in the week the forecasts made at midnight miss, by local weekday and hour; cells without a scored hour are absent.',
  },
);
