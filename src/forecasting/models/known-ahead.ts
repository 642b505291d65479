import { meanAlike } from '../features/lags.ts';
import { blockOf, CALENDAR_AT, EVENT_HOURS, type LayoutBlock } from '../features/layout.ts';
import { HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, scalar, span } from '../tensor/algebra.ts';
import type { ModelView } from './member.ts';

/**
 * What is known of the forecast hours before they come, beside the calendar: event flags, the temperature that
 * was forecast and the energy price. Whatever a regression starts from was itself under some flags and at some
 * temperature, so each comes with its value then.
 */

/** °C, and R$/MWh, that count as one unit, so that the penalty meets columns of like size. */
const DEGREES = 50;
const REAIS = 500;

/** What is known has a size; NaN is less than nothing. */
const known = <T>(g: Algebra<T>, x: T): T => g.less(g.abs(x), scalar(g, 1e6));

const column = <T>(g: Algebra<T>, x: T): T => g.reshape(x, [HORIZON_HOURS, 1]);

/** Positions in an hourly history of `hours` that lie whole days before the forecast hours. */
const daysBefore = (hours: number, days: (lead: number) => number): number[] =>
  Array.from({ length: HORIZON_HOURS }, (_, i) => hours + i - 24 * days(i + 1));

/** Days that the usual load of a flagged hour is the mean of. */
const USUAL_DAYS = 14;

/**
 * Whether each flag holds, held at the same hour of the newest known day, and a week before, times the usual load
 * of the hour in units of the level: what stops takes its share of whatever would have run. [N, 48, 1] each.
 */
function flagFeatures<T>(g: Algebra<T>, { layout, input, lags }: ModelView<T>): T[] {
  const block = blockOf(layout, 'history_event_flags');
  if (block === null) return [];
  const labels = layout.eventFlags.length;
  const history = span(g, input, block.offset, block.offset + EVENT_HOURS * labels);
  const usual = column(g, g.div(meanAlike(g, lags, USUAL_DAYS), lags.scale));
  const before = (label: number, days: (lead: number) => number): T => {
    const hours = daysBefore(EVENT_HOURS, days);
    return column(
      g,
      g.take(
        history,
        hours.map((hour) => hour * labels + label),
      ),
    );
  };
  const held = layout.eventFlags.flatMap((_, label) => [
    g.take(lags.calendar, [CALENDAR_AT.events + label]),
    before(label, (lead) => (lead <= 24 ? 1 : 2)),
    before(label, () => 7),
  ]);
  return held.map((flag) => g.mul(flag, usual));
}

/**
 * How far a value ahead lies from that of a week before, and from its mean at the same hour of the days since, in
 * `unit`; [N, 48, 1] each. Hours that miss one of the two count as usual.
 */
function aheadFeatures<T>(
  g: Algebra<T>,
  { layout, input }: ModelView<T>,
  [past, ahead]: readonly [LayoutBlock['name'], LayoutBlock['name']],
  unit: number,
): T[] {
  const before = blockOf(layout, past);
  const after = blockOf(layout, ahead);
  if (before === null || after === null) return [];
  const [hours = 0] = before.shape;
  const history = span(g, input, before.offset, before.offset + hours);
  const next = span(g, input, after.offset, after.offset + HORIZON_HOURS);
  const onDay = (day: number): T =>
    g.take(
      history,
      daysBefore(hours, (lead) => Math.max(day, lead <= 24 ? 1 : 2)),
    );
  const week = onDay(7);
  // A day that is not known is left to the others by counting as the value ahead.
  const filled = [1, 2, 3, 4, 5, 6, 7].map((day) => g.where(known(g, onDay(day)), onDay(day), next));
  const usual = g.mul(
    filled.reduce((sum, values) => g.add(sum, values)),
    scalar(g, 1 / filled.length),
  );
  const above = (than: T): T => {
    const difference = g.sub(next, than);
    return column(g, g.div(g.where(known(g, difference), difference, scalar(g, 0)), scalar(g, unit)));
  };
  return [above(week), above(usual)];
}

/** All of it, [N, 48, columns]; null where the site's layout has nothing to tell. */
export function knownAhead<T>(g: Algebra<T>, view: ModelView<T>): T | null {
  const columns = [
    ...flagFeatures(g, view),
    ...aheadFeatures(g, view, ['temperature_history', 'temperature_forecast'], DEGREES),
    ...aheadFeatures(g, view, ['price_history', 'price_forecast'], REAIS),
  ];
  return columns.length === 0 ? null : g.concat(columns);
}
