import { HISTORY_HOURS, HORIZON_HOURS } from '../horizon.ts';

/**
 * The layout of an artifact's `input` row. It travels in the artifact's metadata as JSON, so that whoever
 * holds the file can build the row: blocks lie one after the other, each row-major in its shape.
 */

/**
 * Raised whenever a column changes its place or its meaning. A further block that only some sites have does not
 * raise it: the rows of every artifact without that block stay what they were (docs/decisions/0027).
 */
export const LAYOUT_VERSION = 1;

/** Hours of ambient temperature before the issue hour: eight days. */
export const TEMPERATURE_HOURS = 192;

/** Hours of energy prices before the issue hour. */
export const PRICE_HOURS = 192;

/** Hours before the issue hour whose event flags are told: as far as the models look back hour by hour. */
export const EVENT_HOURS = 336;

export interface LayoutBlock {
  readonly name:
    | 'history'
    | 'history_day_type'
    | 'calendar'
    | 'history_event_flags'
    | 'temperature_history'
    | 'temperature_forecast'
    | 'price_history'
    | 'price_forecast';
  readonly offset: number;
  readonly shape: readonly number[];
  readonly meaning: string;
}

export interface FeatureLayout {
  readonly version: number;
  /** Values in a row (F). */
  readonly width: number;
  readonly historyHours: number;
  readonly horizonHours: number;
  readonly blocks: readonly LayoutBlock[];
  /** Names of the calendar block's columns. */
  readonly calendarColumns: readonly string[];
  /** Labels of the event flags, which are the last calendar columns, `event:` before each. */
  readonly eventFlags: readonly string[];
}

/** A layout that this program cannot build rows for. */
export class UnknownLayout extends Error {
  override readonly name = 'UnknownLayout';

  constructor(detail: string) {
    super(
      `The model's feature layout cannot be built here: ${detail}. Install a program version that knows it, or retrain the site.`,
    );
  }
}

const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** Calendar columns of one forecast hour before the event flags. */
const CALENDAR_COLUMNS: readonly string[] = [
  ...Array.from({ length: 24 }, (_, hour) => `hour_${hour}`),
  ...WEEKDAYS,
  'holiday',
  'annual_sin',
  'annual_cos',
  'working_day',
  'holiday_before',
  'holiday_after',
];

/** First column of each group within a calendar row. */
export const CALENDAR_AT = {
  hour: 0,
  weekday: 24,
  holiday: 31,
  annual: 32,
  workingDay: 34,
  neighbours: 35,
  events: 37,
} as const;

const MEANINGS: Readonly<Record<LayoutBlock['name'], string>> = {
  history: 'gross load in kW of the hours before the issue hour, oldest first',
  history_day_type:
    'type of the local day of each history hour: 0 working day, 1 Saturday, 2 Sunday or holiday',
  calendar:
    'one row per forecast hour, lead 1 first, in local time: one-hot hour and weekday, flags, sine and cosine of the position in the year',
  history_event_flags:
    'one row per hour before the issue hour, oldest first: 1 where the event flag holds, in the order of eventFlags',
  temperature_history:
    'ambient temperature in °C of the hours before the issue hour, oldest first; NaN where missing',
  temperature_forecast:
    'temperature in °C forecast at the issue time for the forecast hours; NaN where there is none',
  price_history:
    'energy price in R$/MWh of the hours before the issue hour, oldest first; NaN where it is not known',
  price_forecast:
    'energy price in R$/MWh of the forecast hours, as far as it was published at the issue time; NaN beyond',
};

export interface LayoutOptions {
  /** Whether the site has a temperature sensor. */
  readonly temperature: boolean;
  /** Whether energy prices are known; false when absent. */
  readonly price?: boolean;
  /** Labels, in the order of their columns. */
  readonly eventFlags: readonly string[];
}

/** How an event flag's calendar column is called: no label can take the name of another column. */
const eventColumn = (label: string): string => `event:${label}`;

function shapesOf({ temperature, price, eventFlags }: LayoutOptions, columns: number) {
  const shapes: [LayoutBlock['name'], number[]][] = [
    ['history', [HISTORY_HOURS]],
    ['history_day_type', [HISTORY_HOURS]],
    ['calendar', [HORIZON_HOURS, columns]],
  ];
  if (eventFlags.length > 0) shapes.push(['history_event_flags', [EVENT_HOURS, eventFlags.length]]);
  if (temperature) {
    shapes.push(['temperature_history', [TEMPERATURE_HOURS]], ['temperature_forecast', [HORIZON_HOURS]]);
  }
  if (price === true) shapes.push(['price_history', [PRICE_HOURS]], ['price_forecast', [HORIZON_HOURS]]);
  return shapes;
}

/** The layout of this program's version for a site. */
export function createLayout(options: LayoutOptions): FeatureLayout {
  const calendarColumns = [...CALENDAR_COLUMNS, ...options.eventFlags.map(eventColumn)];
  let width = 0;
  const blocks = shapesOf(options, calendarColumns.length).map(([name, shape]) => {
    const block = { name, offset: width, shape, meaning: MEANINGS[name] };
    width += shape.reduce((n, d) => n * d, 1);
    return block;
  });
  return {
    version: LAYOUT_VERSION,
    width,
    historyHours: HISTORY_HOURS,
    horizonHours: HORIZON_HOURS,
    blocks,
    calendarColumns,
    eventFlags: [...options.eventFlags],
  };
}

/** The block of that name, or null when the site's layout has none. */
export function blockOf(layout: FeatureLayout, name: LayoutBlock['name']): LayoutBlock | null {
  return layout.blocks.find((block) => block.name === name) ?? null;
}

/**
 * Reads the layout of an artifact's metadata. What it describes is rebuilt from its options and compared, so a
 * layout that merely looks alike is refused.
 * @throws {UnknownLayout}
 */
export function parseLayout(json: string | undefined): FeatureLayout {
  if (json === undefined) throw new UnknownLayout('the artifact carries none');
  let given: unknown;
  try {
    given = JSON.parse(json);
  } catch {
    throw new UnknownLayout('it is not JSON');
  }
  const { version, eventFlags, blocks } = (given ?? {}) as Partial<FeatureLayout>;
  if (version !== LAYOUT_VERSION)
    throw new UnknownLayout(`it has version ${String(version)}, not ${LAYOUT_VERSION}`);
  if (!Array.isArray(eventFlags) || !Array.isArray(blocks)) throw new UnknownLayout('it is incomplete');
  const layout = createLayout({
    temperature: blocks.some((block) => block?.name === 'temperature_history'),
    price: blocks.some((block) => block?.name === 'price_history'),
    eventFlags: eventFlags.map(String),
  });
  if (JSON.stringify(layout) !== JSON.stringify(given))
    throw new UnknownLayout('its blocks are not those of its version');
  return layout;
}
