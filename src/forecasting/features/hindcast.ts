import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';
import { type Algebra, scalar, span } from '../tensor/algebra.ts';
import {
  CALENDAR_AT,
  EVENT_HOURS,
  type FeatureLayout,
  type LayoutBlock,
  PRICE_HOURS,
  TEMPERATURE_HOURS,
} from './layout.ts';

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
function earlierCalendar<T>(g: Algebra<T>, calendar: T, types: T, events: readonly T[]): T {
  const columns = (from: number, to: number): T => span(g, calendar, from, to);
  const weekday = g.take(
    calendar,
    Array.from({ length: 7 }, (_, day) => CALENDAR_AT.weekday + ((day + 2) % 7)),
  );
  const type = g.reshape(span(g, types, HISTORY_HOURS - HORIZON_HOURS, HISTORY_HOURS), [HORIZON_HOURS, 1]);
  const rest = g.less(scalar(g, 1.5), type);
  const holiday = g.sub(rest, g.mul(rest, span(g, weekday, 6, 7)));
  const working = g.less(type, scalar(g, 0.5));
  const unknown = g.mul(columns(CALENDAR_AT.neighbours, CALENDAR_AT.events), scalar(g, 0));
  return g.concat([
    columns(CALENDAR_AT.hour, CALENDAR_AT.weekday),
    weekday,
    holiday,
    columns(CALENDAR_AT.annual, CALENDAR_AT.workingDay),
    working,
    unknown,
    ...events,
  ]);
}

/** Event flags of the last 48 hours, [N, 48, labels], as calendar columns; none where the layout has none. */
function earlierEvents<T>(g: Algebra<T>, labels: number, history: () => T): readonly T[] {
  if (labels === 0) return [];
  const newest = span(g, history(), (EVENT_HOURS - HORIZON_HOURS) * labels, EVENT_HOURS * labels);
  return [g.reshape(newest, [HORIZON_HOURS, labels])];
}

/** Event flags of the hours before; those beyond the front are taken from a week later. */
function earlierEventHistory<T>(g: Algebra<T>, labels: number, history: T): T {
  const stand = span(g, history, (168 - HORIZON_HOURS) * labels, 168 * labels);
  return g.concat([stand, span(g, history, 0, (EVENT_HOURS - HORIZON_HOURS) * labels)]);
}

/** Hours of a day: those whose prices were surely known two days ago. */
const DAY_HOURS = 24;

/** [N, F] to [N, F]. Flags of neighbouring holidays, any temperature forecast and most prices are left out. */
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
  const missing = (name: LayoutBlock['name'], hours = HORIZON_HOURS): T =>
    g.mul(span(g, block(name), 0, hours), scalar(g, Number.NaN));
  const shifted = (name: LayoutBlock['name'], hours: number): T =>
    g.concat([missing(name), span(g, block(name), 0, hours - HORIZON_HOURS)]);
  const width = layout.calendarColumns.length;
  const labels = layout.eventFlags.length;
  const made: Record<LayoutBlock['name'], () => T> = {
    history: () => earlier(g, block('history')),
    history_day_type: () => earlier(g, block('history_day_type')),
    calendar: () => {
      const calendar = g.reshape(block('calendar'), [HORIZON_HOURS, width]);
      const events = earlierEvents(g, labels, () => block('history_event_flags'));
      return g.reshape(earlierCalendar(g, calendar, block('history_day_type'), events), [
        HORIZON_HOURS * width,
      ]);
    },
    history_event_flags: () => earlierEventHistory(g, labels, block('history_event_flags')),
    temperature_history: () => shifted('temperature_history', TEMPERATURE_HOURS),
    temperature_forecast: () => missing('temperature_forecast'),
    price_history: () => shifted('price_history', PRICE_HOURS),
    price_forecast: () => {
      const from = PRICE_HOURS - HORIZON_HOURS;
      const known = span(g, block('price_history'), from, from + DAY_HOURS);
      return g.concat([known, missing('price_forecast', HORIZON_HOURS - DAY_HOURS)]);
    },
  };
  return g.concat(layout.blocks.map(({ name }) => made[name]()));
}
