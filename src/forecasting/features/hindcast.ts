import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, scalar, span } from '../tensor/algebra.ts';
import { CALENDAR_AT, type FeatureLayout, type LayoutBlock, TEMPERATURE_HOURS } from './layout.ts';

/**
 * The input row as it would have been 48 hours earlier, made from the row itself: a model run on it forecasts
 * the last 48 hours of the history, whose loads are known. So an artifact can see, with nothing but its input,
 * how well its models do at present.
 */

/** Hours `count` to the front of a history are gone; those of a week later stand in for them. */
function earlier<T>(g: Algebra<T>, history: T): T {
  const stand = span(g, history, 168 - HORIZON_HOURS, 168);
  return g.concat([stand, span(g, history, 0, HISTORY_HOURS - HORIZON_HOURS)]);
}

/** Calendar of the last 48 hours: the same hours of the day, two weekdays back, flags from their day types. */
function earlierCalendar<T>(g: Algebra<T>, layout: FeatureLayout, calendar: T, types: T): T {
  const columns = (from: number, to: number): T => span(g, calendar, from, to);
  const weekday = g.take(
    calendar,
    Array.from({ length: 7 }, (_, day) => CALENDAR_AT.weekday + ((day + 2) % 7)),
  );
  const type = g.reshape(span(g, types, HISTORY_HOURS - HORIZON_HOURS, HISTORY_HOURS), [HORIZON_HOURS, 1]);
  const rest = g.less(scalar(g, 1.5), type);
  const holiday = g.sub(rest, g.mul(rest, span(g, weekday, 6, 7)));
  const working = g.less(type, scalar(g, 0.5));
  const unknown = g.mul(columns(CALENDAR_AT.neighbours, layout.calendarColumns.length), scalar(g, 0));
  return g.concat([
    columns(CALENDAR_AT.hour, CALENDAR_AT.weekday),
    weekday,
    holiday,
    columns(CALENDAR_AT.annual, CALENDAR_AT.workingDay),
    working,
    unknown,
  ]);
}

/** [N, F] to [N, F]. Flags of neighbouring holidays and events, and any temperature forecast, are left out. */
export function hindcastInput<T>(g: Algebra<T>, layout: FeatureLayout, input: T): T {
  const blocks = new Map(
    layout.blocks.map(({ name, offset, shape }): [LayoutBlock['name'], T] => {
      const size = shape.reduce((n, d) => n * d, 1);
      return [name, span(g, input, offset, offset + size)];
    }),
  );
  const block = (name: LayoutBlock['name']): T => {
    const found = blocks.get(name);
    if (found === undefined) throw new RangeError(`layout ${layout.version} has no ${name} block`);
    return found;
  };
  const missing = (name: LayoutBlock['name']): T =>
    g.mul(span(g, block(name), 0, HORIZON_HOURS), scalar(g, Number.NaN));
  const width = layout.calendarColumns.length;
  const made: Record<LayoutBlock['name'], () => T> = {
    history: () => earlier(g, block('history')),
    history_day_type: () => earlier(g, block('history_day_type')),
    calendar: () => {
      const calendar = g.reshape(block('calendar'), [HORIZON_HOURS, width]);
      return g.reshape(earlierCalendar(g, layout, calendar, block('history_day_type')), [
        HORIZON_HOURS * width,
      ]);
    },
    temperature_history: () =>
      g.concat([
        missing('temperature_history'),
        span(g, block('temperature_history'), 0, TEMPERATURE_HOURS - HORIZON_HOURS),
      ]),
    temperature_forecast: () => missing('temperature_forecast'),
  };
  return g.concat(layout.blocks.map(({ name }) => made[name]()));
}
