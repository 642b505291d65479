import Type, { type Static } from 'typebox';
import { conform, MalformedMessage, RealInstant, WholeHour } from './wire.ts';

/** What a site measured, as it travels and as a local program gives it. */

export const kw = Type.Number({ minimum: -1e7, maximum: 1e7 });

const means = {
  loadKw: Type.Optional(kw),
  batteryKw: Type.Optional(kw),
  pvKw: Type.Optional(kw),
  temperatureC: Type.Optional(Type.Number({ minimum: -80, maximum: 80 })),
};

export const ReadingMessage = Type.Object({ hour: WholeHour, ...means, max15Kw: Type.Optional(kw) });

/** Readings as they travel: what a device reports, and what it is given to fill its history. */
export type ReportedReading = Static<typeof ReadingMessage>;

const MOST = 100_000;

/** Readings of a body that the cloud sent: `{readings: […]}`. Throws `MalformedMessage`. */
export const parseReadings = (value: unknown): readonly ReportedReading[] =>
  conform('readings', Type.Object({ readings: Type.Array(ReadingMessage, { maxItems: MOST }) }), value)
    .readings;

const MINUTE_MS = 60_000;

/** Means over 5 or 15 minutes that begin at `at`, a whole number of them after the full hour. */
const SampleMessage = Type.Refine(
  Type.Object({ at: RealInstant, minutes: Type.Enum([5, 15]), ...means }),
  ({ at, minutes }) => Date.parse(at) % (minutes * MINUTE_MS) === 0,
  () => 'at is not the beginning of 5 or 15 minutes',
);
export type ReportedSample = Static<typeof SampleMessage>;

/** Hours and parts of hours as they were given, each in its order. */
export interface Measured {
  readonly readings: readonly ReportedReading[];
  readonly samples: readonly ReportedSample[];
}

const isSample = (item: unknown): boolean =>
  typeof item === 'object' &&
  item !== null &&
  !Object.hasOwn(item, 'hour') &&
  ['at', 'minutes'].some((name) => Object.hasOwn(item, name));

/** What a local program measured: readings and samples in one list. Throws `MalformedMessage`. */
export function parseMeasured(list: unknown): Measured {
  if (!Array.isArray(list)) throw new MalformedMessage('readings', ['not a list of readings']);
  const samples = list.filter(isSample);
  const readings = list.filter((item) => !isSample(item));
  return {
    readings: parseReadings({ readings }),
    samples: conform('samples', Type.Array(SampleMessage, { maxItems: MOST }), samples),
  };
}
