import Type, { type Static } from 'typebox';
import { type FactOf, firstVersion } from './envelope.ts';
import { described, Instant, LocalDate, nullable, OpaqueId, SystemId } from './values.ts';

/** Facts of a site, stream `site-{systemId}`. */

const closed = { additionalProperties: false } as const;

const LocalHours = Type.Array(Type.Integer({ minimum: 0, maximum: 23 }), { maxItems: 24, uniqueItems: true });

const Contract = described(
  Type.Object(
    {
      peakKw: nullable(Type.Number({ exclusiveMinimum: 0 })),
      offPeakKw: Type.Number({ exclusiveMinimum: 0 }),
      peakHours: LocalHours,
      tolerance: described(
        Type.Number({ minimum: 0, maximum: 1 }),
        'Fraction above the contract before a penalty applies.',
      ),
      validFrom: nullable(Instant),
      validTo: nullable(Instant),
    },
    closed,
  ),
  'Contracted demand in kW by tariff post; `peakHours` are the local hours of ponta on working days.',
);
export type Contract = Static<typeof Contract>;

const AccuracyTarget = described(
  Type.Object(
    {
      mape: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
      reason: Type.String({ minLength: 3, maxLength: 500 }),
      expires: Instant,
    },
    closed,
  ),
  'An accuracy target that replaces the default of 8 % for a while, and why.',
);

export const SpecialDay = described(
  Type.Object(
    {
      date: LocalDate,
      name: Type.String({ minLength: 1, maxLength: 120 }),
      kind: Type.Enum(['national', 'customary', 'half', 'state', 'municipal', 'bridge', 'shutdown']),
    },
    closed,
  ),
  'A day that the operator named: a holiday of the city, a bridge, a shutdown.',
);

export const EventFlag = described(
  Type.Object(
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
  ),
  'Hours that the site’s people marked because the load is another one then: these local hours of these weekdays (Monday is 0) or dates, or of any day when neither is given. Entries of one label count together.',
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
    ibgeCode: described(
      nullable(Type.String({ pattern: '^\\d{7}$' })),
      'Municipality by IBGE code; decides state and city holidays.',
    ),
    tariff: nullable(Type.Enum(['verde', 'azul', 'branca', 'convencional'])),
    ratedKw: nullable(Type.Number({ exclusiveMinimum: 0 })),
    contract: nullable(Contract),
    target: nullable(AccuracyTarget),
    specialDays: described(
      Type.Optional(Type.Array(SpecialDay, { maxItems: 400 })),
      'Beside the days that are known of the place; none when absent.',
    ),
    eventFlags: described(
      Type.Optional(Type.Array(EventFlag, { maxItems: 20 })),
      'None when absent. Each label is a column of what the models see.',
    ),
    downloadHours: described(
      Type.Optional(DownloadHours),
      'Local hours in which the site’s device may fetch a model; all when absent.',
    ),
  },
  closed,
);
export type SiteSettings = Static<typeof SiteSettings>;

export const siteFacts = {
  SiteRegistered: firstVersion(
    'A site begins, with its settings.',
    Type.Object({ systemId: SystemId, tenant: OpaqueId, settings: SiteSettings }, closed),
  ),
  SiteChanged: firstVersion(
    'The settings of the site from now on, whole.',
    Type.Object({ settings: SiteSettings }, closed),
  ),
  DeviceAssigned: firstVersion(
    'This device is now the one of the site.',
    Type.Object({ deviceId: OpaqueId }, closed),
  ),
  RetrainScheduled: firstVersion(
    'The next weekly retrain; `skipped` says why the slot before it started no job.',
    Type.Object(
      {
        slot: Instant,
        startsAt: described(
          Type.Optional(Instant),
          'When within the fleet’s window it begins; at the slot itself when absent.',
        ),
        skipped: nullable(Type.Object({ slot: Instant, reason: Type.String({ maxLength: 500 }) }, closed)),
      },
      closed,
    ),
  ),
  RetrainsPaused: firstVersion(
    'Weekly slots pass without a job until somebody resumes them.',
    Type.Object({ reason: Type.String({ maxLength: 500 }) }, closed),
  ),
  RetrainsResumed: firstVersion('Weekly slots start jobs again.', Type.Object({}, closed)),
  SiteDecommissioned: firstVersion(
    'The site is over: its device is revoked, its retained messages are cleared.',
    Type.Object({ reason: Type.String({ maxLength: 500 }) }, closed),
  ),
};

export type SiteFact = FactOf<typeof siteFacts>;
