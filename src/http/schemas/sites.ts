import Type from 'typebox';
import { Instant, ModelVersion, nullable, OpaqueId, SystemId } from '../../events/values.ts';
import { closed, PageOf, paging } from './common.ts';

/** Sites as requests and answers have them: tolerance and target in percent, everything else as in the facts. */

const positive = (description: string) => Type.Number({ exclusiveMinimum: 0, description });

export const ContractSchema = Type.Object(
  {
    peakKw: Type.Union([positive('Contracted demand at peak (ponta), kW.'), Type.Null()], { default: null }),
    offPeakKw: positive('Contracted demand off peak (fora-ponta), kW.'),
    peakHours: Type.Array(Type.Integer({ minimum: 0, maximum: 23 }), {
      maxItems: 24,
      uniqueItems: true,
      default: [18, 19, 20],
      description: 'Local hours of ponta on working days.',
    }),
    tolerance: Type.Number({
      minimum: 0,
      maximum: 100,
      default: 5,
      description: 'Percent above the contract before a penalty applies.',
    }),
    validFrom: Type.Union([Instant, Type.Null()], { default: null }),
    validTo: Type.Union([Instant, Type.Null()], { default: null }),
  },
  closed,
);

const TargetSchema = Type.Object(
  {
    mape: Type.Number({ exclusiveMinimum: 0, maximum: 100, description: 'Percent; replaces the usual 8.' }),
    reason: Type.String({ minLength: 3, maxLength: 500 }),
    expires: Instant,
  },
  closed,
);

export const SettingsSchema = Type.Object(
  {
    zone: Type.String({
      minLength: 1,
      maxLength: 60,
      default: 'America/Sao_Paulo',
      description: 'IANA time zone.',
    }),
    ibgeCode: Type.Union([Type.String({ pattern: '^\\d{7}$' }), Type.Null()], {
      default: null,
      description: 'Municipality; decides state and city holidays.',
    }),
    tariff: Type.Union([Type.Enum(['verde', 'azul', 'branca', 'convencional']), Type.Null()], {
      default: null,
    }),
    ratedKw: Type.Union([positive('Rated power of the battery, kW.'), Type.Null()], { default: null }),
    contract: Type.Union([ContractSchema, Type.Null()], { default: null }),
    target: Type.Union([TargetSchema, Type.Null()], { default: null }),
  },
  {
    ...closed,
    examples: [
      {
        zone: 'America/Sao_Paulo',
        ibgeCode: '3550308',
        tariff: 'verde',
        ratedKw: 500,
        contract: { offPeakKw: 1200, peakHours: [18, 19, 20], tolerance: 5 },
      },
    ],
  },
);

export const SiteSchema = Type.Object(
  {
    systemId: Type.String(),
    settings: SettingsSchema,
    deviceId: nullable(Type.String({ description: 'The site’s one active device.' })),
    nextRetrain: nullable(Instant),
  },
  { description: 'A site with its settings.' },
);

const SiteRow = Type.Object({
  systemId: Type.String(),
  status: Type.Enum(['registered', 'decommissioned']),
  zone: Type.String(),
  contract: nullable(ContractSchema),
  deviceId: nullable(Type.String()),
  runningVersion: nullable(ModelVersion),
  desiredVersion: nullable(ModelVersion),
  attemptedVersion: nullable(ModelVersion),
  attemptedStatus: nullable(Type.String()),
  attemptedReason: nullable(Type.String({ description: 'Why the device does not run what was tried last.' })),
  createdAt: Instant,
  updatedAt: Instant,
});

export const SitePage = PageOf(SiteRow, 'Sites with what runs, what should run and what was tried last.');

export const SiteFilter = Type.Object(
  { status: Type.Optional(Type.Enum(['registered', 'decommissioned'])), ...paging },
  closed,
);

export const ReasonQuery = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 500, default: 'requested through the API' }) },
  closed,
);

export const DeviceParams = Type.Object({ systemId: SystemId, deviceId: OpaqueId }, closed);

export const NewDeviceSchema = Type.Object(
  {
    deviceId: Type.String(),
    secret: Type.String({ description: 'Shown this once; only its hash is kept.' }),
  },
  { description: 'The site’s new device; the one before is revoked.' },
);
