import Type, { type Static } from 'typebox';
import { type FactOf, firstVersion } from './envelope.ts';
import { Instant, nullable, OpaqueId, SystemId } from './values.ts';

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

export const SiteSettings = Type.Object(
  {
    zone: Type.String({ minLength: 1, maxLength: 60 }),
    /** Municipality by IBGE code; decides state and city holidays. */
    ibgeCode: nullable(Type.String({ pattern: '^\\d{7}$' })),
    tariff: nullable(Type.Enum(['verde', 'azul', 'branca', 'convencional'])),
    ratedKw: nullable(Type.Number({ exclusiveMinimum: 0 })),
    contract: nullable(Contract),
    target: nullable(AccuracyTarget),
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
        skipped: nullable(Type.Object({ slot: Instant, reason: Type.String({ maxLength: 500 }) }, closed)),
      },
      closed,
    ),
  ),
  SiteDecommissioned: firstVersion(Type.Object({ reason: Type.String({ maxLength: 500 }) }, closed)),
};

export type SiteFact = FactOf<typeof siteFacts>;
