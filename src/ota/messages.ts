import Type, { type Static } from 'typebox';
import { ModelVersion, nullable, OpaqueId, Sha256 } from '../events/values.ts';
import { JournalMessage } from './journal.ts';
import { kw, ReadingMessage } from './readings.ts';
import type { UplinkTopic } from './topics.ts';
import { conform, decodeObject, encodeMessage, RealInstant, WholeHour } from './wire.ts';

/** What a device tells the cloud. Every message names itself and its device, so that a repeated one is known. */

const origin = { messageId: OpaqueId, deviceId: OpaqueId };
const reason = Type.String({ minLength: 1, maxLength: 500 });

const Ack = Type.Object({
  ...origin,
  deploymentId: OpaqueId,
  assignment: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  version: ModelVersion,
  status: Type.Enum(['active', 'rolledback', 'rejected']),
  reason: Type.Optional(reason),
  runningVersion: nullable(ModelVersion),
  /** Median time of one inference in the proof, ms. */
  inferenceMs: Type.Optional(Type.Number({ minimum: 0 })),
  at: RealInstant,
});
export type Ack = Static<typeof Ack>;

const RunningModel = Type.Object({
  version: ModelVersion,
  modelType: Type.String({ maxLength: 30 }),
  deploymentId: OpaqueId,
  assignment: Type.Integer({ minimum: 1 }),
  checksum: Sha256,
});

/** Retained: what runs, what was attempted, and why they differ. */
const DeviceReport = Type.Object({
  ...origin,
  installationId: OpaqueId,
  /** State of the device's update machine. */
  state: Type.String({ minLength: 1, maxLength: 40 }),
  running: nullable(RunningModel),
  attempted: nullable(
    Type.Object({
      deploymentId: OpaqueId,
      assignment: Type.Integer({ minimum: 1 }),
      version: ModelVersion,
      status: Type.Enum(['trying', 'active', 'rolledback', 'rejected']),
      reason: Type.Optional(reason),
      /** Why its file is not fetched yet: download hours, or the month's data. */
      waitsFor: Type.Optional(reason),
    }),
  ),
  /** The last desired state that the device would not act upon, while that still stands. */
  refused: nullable(Type.Object({ refusal: Type.String({ maxLength: 40 }), reason })),
  /** Highest assignment accepted, 0 for none. */
  floor: Type.Integer({ minimum: 0 }),
  /** Hours of history at hand for the next forecast. */
  historyHours: Type.Integer({ minimum: 0 }),
  /** What was dropped unsent because it had waited too long, over the whole installation. */
  dropped: Type.Optional(
    Type.Object({ forecasts: Type.Integer({ minimum: 0 }), readings: Type.Integer({ minimum: 0 }) }),
  ),
  /** The month's data, bytes: `near` is 80 % of the bound, `spent` all of it. */
  data: Type.Optional(
    Type.Object({
      month: Type.String({ pattern: '^\\d{4}-\\d{2}$' }),
      used: Type.Integer({ minimum: 0 }),
      limit: Type.Integer({ minimum: 1 }),
      level: Type.Enum(['within', 'near', 'spent']),
    }),
  ),
  at: RealInstant,
});
export type DeviceReport = Static<typeof DeviceReport>;

const Progress = Type.Object({
  ...origin,
  deploymentId: OpaqueId,
  version: ModelVersion,
  phase: Type.Enum(['downloading', 'verifying', 'staged', 'activating', 'probation', 'rollingBack']),
  /** 0 to 1 within the phase, where it can be told. */
  share: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  /** Why it does not begin yet. */
  waitsFor: Type.Optional(reason),
  at: RealInstant,
});
export type Progress = Static<typeof Progress>;

const ForecastHourMessage = Type.Object({
  hour: WholeHour,
  loadKw: kw,
  lowerKw: kw,
  upperKw: kw,
  /** Null on a trailing partial day. */
  peakProbability: nullable(Type.Number({ minimum: 0, maximum: 1 })),
  /** Chance that the demand passes its contract; absent where none is in force. */
  exceedanceProbability: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
});

const ForecastMessage = Type.Refine(
  Type.Object({
    ...origin,
    /** First hour not yet seen when the forecast was made: the hour of lead 1. */
    issuedAt: WholeHour,
    /** Null when no model served and `modelType` is `seasonal-naive`. */
    version: nullable(ModelVersion),
    modelType: Type.String({ minLength: 1, maxLength: 30 }),
    /** Why no model served. */
    fallback: Type.Optional(reason),
    /** Of the chances of exceedance: the highest 15-minute demand or, where none is measured, the hour's mean. */
    exceedanceBasis: Type.Optional(Type.Enum(['max15', 'hourly-mean'])),
    hours: Type.Array(ForecastHourMessage, { minItems: 48, maxItems: 48 }),
  }),
  // Scores go by the hour and by its lead time: hours that skip or repeat would score the wrong ones.
  ({ issuedAt, hours }) =>
    hours.every(({ hour }, i) => Date.parse(hour) === Date.parse(issuedAt) + i * 3_600_000),
  () => 'hours are not the 48 that follow issuedAt',
);
export type ForecastMessage = Static<typeof ForecastMessage>;

/** Most readings in one message; after an outage several messages follow each other. */
export const MAX_READINGS = 240;

const TelemetryMessage = Type.Object({
  ...origin,
  readings: Type.Array(ReadingMessage, { minItems: 1, maxItems: MAX_READINGS }),
});
export type TelemetryMessage = Static<typeof TelemetryMessage>;

/** The message of each uplink topic. */
export interface UplinkMessages {
  readonly ack: Ack;
  readonly state: DeviceReport;
  readonly progress: Progress;
  readonly forecast: ForecastMessage;
  readonly telemetry: TelemetryMessage;
  readonly journal: JournalMessage;
}

/** The schema of each uplink topic's message. */
export const UPLINK_SCHEMAS = {
  ack: Ack,
  state: DeviceReport,
  progress: Progress,
  forecast: ForecastMessage,
  telemetry: TelemetryMessage,
  journal: JournalMessage,
} as const satisfies Record<UplinkTopic, Type.TSchema>;

/** Reads a device's message from untrusted bytes; unknown fields are left out. Throws `MalformedMessage`. */
export function parseUplink<Kind extends UplinkTopic>(kind: Kind, payload: Uint8Array): UplinkMessages[Kind] {
  return conform(kind, UPLINK_SCHEMAS[kind], decodeObject(kind, payload)) as UplinkMessages[Kind];
}

/** A device's message with its kind, so that a switch over one knows the other. */
export type SaidByDevice = {
  readonly [Kind in UplinkTopic]: { readonly kind: Kind; readonly message: UplinkMessages[Kind] };
}[UplinkTopic];

/** As {@link parseUplink}, for a kind that is known only when it comes. Throws `MalformedMessage`. */
export function readUplink(kind: UplinkTopic, payload: Uint8Array): SaidByDevice {
  return { kind, message: parseUplink(kind, payload) } as SaidByDevice;
}

/** The bytes of a device's message. Throws `MalformedMessage` when it does not fit its own schema. */
export function buildUplink<Kind extends UplinkTopic>(kind: Kind, message: UplinkMessages[Kind]): Uint8Array {
  return encodeMessage(conform(kind, UPLINK_SCHEMAS[kind], message) as object);
}
