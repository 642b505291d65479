import Type, { type Static } from 'typebox';
import { type FactOf, firstVersion } from './envelope.ts';
import { Instant, LocalDate, nullable, OpaqueId, SystemId } from './values.ts';

/** Facts of a site, stream `site-{systemId}`. */

const closed = { additionalProperties: false } as const;

const LocalHours = Type.Array(Type.Integer({ minimum: 0, maximum: 23 }), { maxItems: 24, uniqueItems: true });

/** Contracted demand in kW by tariff post; `peakHours` are the local hours of ponta on working days. */
const Contract = Type.Object(
  {
    peakKw: nullable(Type.Number({ exclusiveMinimum: 0 })),
    offPeakKw: Type.Number({ exclusiveMinimum: 0 }),
    peakHours: LocalHours,
    /** Fraction above the contract before a penalty applies. */
    tolerance: Type.Number({ minimum: 0, maximum: 1 }),
    validFrom: nullable(Instant),
    validTo: nullable(Instant),
  },
  closed,
);
export type Contract = Static<typeof Contract>;

/** An accuracy target that replaces the default of 8 % for a while, and why. */
const AccuracyTarget = Type.Object(
  {
    mape: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    reason: Type.String({ minLength: 3, maxLength: 500 }),
    expires: Instant,
  },
  closed,
);

/** A day that the operator named: a holiday of the city, a bridge, a shutdown. */
export const SpecialDay = Type.Object(
  {
    date: LocalDate,
    name: Type.String({ minLength: 1, maxLength: 120 }),
    kind: Type.Enum(['national', 'customary', 'half', 'state', 'municipal', 'bridge', 'shutdown']),
  },
  closed,
);

/**
 * Hours that the site's people marked because the load is another one then: these local hours of these weekdays
 * (Monday is 0) or dates, or of any day when neither is given. Entries of one label count together.
 */
export const EventFlag = Type.Object(
  {
    label: Type.String({ pattern: '^[A-Za-z0-9À-ÿ][A-Za-z0-9À-ÿ _.-]*$', maxLength: 60 }),
    hours: Type.Array(Type.Integer({ minimum: 0, maximum: 23 }), {
      minItems: 1,
      maxItems: 24,
      uniqueItems: true,
    }),
    weekdays: Type.Optional(
      Type.Array(Type.Integer({ minimum: 0, maximum: 6 }), { maxItems: 7, uniqueItems: true }),
    ),
    dates: Type.Optional(Type.Array(LocalDate, { maxItems: 400 })),
  },
  closed,
);

export type EventFlag = Static<typeof EventFlag>;

export const DownloadHours = Type.Array(Type.Integer({ minimum: 0, maximum: 23 }), {
  minItems: 1,
  maxItems: 24,
  uniqueItems: true,
});

export const SiteSettings = Type.Object(
  {
    zone: Type.String({ minLength: 1, maxLength: 60 }),
    /** Municipality by IBGE code; decides state and city holidays. */
    ibgeCode: nullable(Type.String({ pattern: '^\\d{7}$' })),
    tariff: nullable(Type.Enum(['verde', 'azul', 'branca', 'convencional'])),
    ratedKw: nullable(Type.Number({ exclusiveMinimum: 0 })),
    contract: nullable(Contract),
    target: nullable(AccuracyTarget),
    /** Beside the days that are known of the place; none when absent. */
    specialDays: Type.Optional(Type.Array(SpecialDay, { maxItems: 400 })),
    /** None when absent. Each label is a column of what the models see. */
    eventFlags: Type.Optional(Type.Array(EventFlag, { maxItems: 20 })),
    /** Local hours in which the site's device may fetch a model; all when absent. */
    downloadHours: Type.Optional(DownloadHours),
  },
  closed,
);
export type SiteSettings = Static<typeof SiteSettings>;

export const siteFacts = {
  SiteRegistered: firstVersion(
    Type.Object({ systemId: SystemId, tenant: OpaqueId, settings: SiteSettings }, closed),
  ),
  SiteChanged: firstVersion(Type.Object({ settings: SiteSettings }, closed)),
  DeviceAssigned: firstVersion(Type.Object({ deviceId: OpaqueId }, closed)),
  /** The next weekly retrain; `skipped` says why the slot before it started no job. */
  RetrainScheduled: firstVersion(
    Type.Object(
      {
        slot: Instant,
        /** When within the fleet's window it begins; at the slot itself when absent. */
        startsAt: Type.Optional(Instant),
        skipped: nullable(Type.Object({ slot: Instant, reason: Type.String({ maxLength: 500 }) }, closed)),
      },
      closed,
    ),
  ),
  /** Weekly slots pass without a job until somebody resumes them. */
  RetrainsPaused: firstVersion(Type.Object({ reason: Type.String({ maxLength: 500 }) }, closed)),
  RetrainsResumed: firstVersion(Type.Object({}, closed)),
  SiteDecommissioned: firstVersion(Type.Object({ reason: Type.String({ maxLength: 500 }) }, closed)),
};

export type SiteFact = FactOf<typeof siteFacts>;
