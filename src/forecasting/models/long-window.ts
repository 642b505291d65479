import { blockOf, CALENDAR_AT, TEMPERATURE_HOURS } from '../features/layout.ts';
import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, mean, scalar, span } from '../tensor/algebra.ts';
import type { ModelView } from './member.ts';
import type { RidgeDesign } from './ridge-problem.ts';
import { weeklyChange } from './weekly-change.ts';

/**
 * What a window of several seasons can teach beside what one of 90 days does: it has seen enough holidays to tell
 * how they differ from a Sunday, and warm and cold days enough to tell heating from cooling
 * (docs/decisions/0042). On 90 days these columns cost more than they tell.
 */

const REST = 2;

/** 1 where the day type is that of a Sunday or holiday. */
const isRest = <T>(g: Algebra<T>, types: T): T =>
  g.less(g.abs(g.sub(types, scalar(g, REST))), scalar(g, 0.5));

/** Whether a day of rest stands where last week had none, and the other way round; and the day itself. */
function dayColumns<T>(g: Algebra<T>, { lags }: ModelView<T>): T[] {
  const first = HISTORY_HOURS - 168;
  const rest = isRest(g, lags.dayType);
  const before = isRest(g, span(g, lags.historyDayType, first, first + HORIZON_HOURS));
  const both = g.mul(rest, before);
  const columns = [g.sub(rest, both), g.sub(before, both), rest];
  return [
    ...columns.map((column) => g.reshape(column, [HORIZON_HOURS, 1])),
    // Monday to Saturday; a Sunday is none of them.
    span(g, lags.calendar, CALENDAR_AT.weekday, CALENDAR_AT.weekday + 6),
  ];
}

/** Temperatures in °C from which buildings are cooled, and below which they are heated: usual degree-day bases. */
const COOLED_FROM = 18;
const HEATED_BELOW = 15;

/** °C that count as one unit, so that the penalty meets columns of like size. */
const DEGREES = 50;

/**
 * Degrees of cooling and of heating over the last day less those of the same day a week before, [N, 48, 1] each;
 * hours without both temperatures count as no change, and a site without a sensor has no column.
 */
function degreeColumns<T>(g: Algebra<T>, { layout, input, lags }: ModelView<T>): T[] {
  const block = blockOf(layout, 'temperature_history');
  if (block === null) return [];
  const dayBefore = (hours: number): T => {
    const end = block.offset + TEMPERATURE_HOURS - hours;
    return span(g, input, end - 24, end);
  };
  const [now, then] = [dayBefore(0), dayBefore(168)];
  const known = g.less(g.abs(g.sub(now, then)), scalar(g, 1e6));
  const zero = scalar(g, 0);
  const cooling = (t: T): T => g.max(g.sub(t, scalar(g, COOLED_FROM)), zero);
  const heating = (t: T): T => g.max(g.sub(scalar(g, HEATED_BELOW), t), zero);
  return [cooling, heating].map((degrees) => {
    const change = mean(g, g.where(known, g.sub(degrees(now), degrees(then)), zero));
    const everyHour = g.add(g.mul(lags.dayType, zero), g.div(change, scalar(g, DEGREES)));
    return g.reshape(everyHour, [HORIZON_HOURS, 1]);
  });
}

const longColumns = <T>(g: Algebra<T>, view: ModelView<T>): T[] => [
  ...dayColumns(g, view),
  ...degreeColumns(g, view),
];

/** {@link weeklyChange} as a long window learns it. */
export const longWeeklyChange: RidgeDesign = {
  ...weeklyChange,
  features: (g, view) => g.concat([weeklyChange.features(g, view), ...longColumns(g, view)]),
};

/** A regression on deviations from the usual day, which over a long window hears of the change against last week too. */
const longDeviation = (design: RidgeDesign): RidgeDesign => ({
  ...design,
  features: (g, view) =>
    g.concat([design.features(g, view), weeklyChange.features(g, view), ...longColumns(g, view)]),
});

/** A design for deviations as a window of that length learns it. */
export const deviationDesign = (design: RidgeDesign, long: boolean): RidgeDesign =>
  long ? longDeviation(design) : design;
