import Type, { type Static } from 'typebox';
import { DownloadHours, EventFlag, SpecialDay } from '../../events/site.ts';
import { Instant, ModelVersion, nullable, OpaqueId, SystemId } from '../../events/values.ts';
import { closed, PageOf, paging } from './common.ts';

/** Sites as requests and answers have them: tolerance and target in percent, everything else as in the facts. */

const positive = (description: string) => Type.Number({ exclusiveMinimum: 0, description });

const peakKw = nullable(positive('Contracted demand at peak (ponta), kW.'));
const offPeakKw = positive('Contracted demand off peak (fora-ponta), kW.');
const peakHours = Type.Array(Type.Integer({ minimum: 0, maximum: 23 }), {
  maxItems: 24,
  uniqueItems: true,
  description: 'Local hours of ponta on working days; 18, 19 and 20 unless given.',
});
const tolerance = Type.Number({
  minimum: 0,
  maximum: 100,
  description: 'Percent above the contract before a penalty applies; 5 unless given.',
});

const ContractSchema = Type.Object(
  {
    peakKw,
    offPeakKw,
    peakHours,
    tolerance,
    validFrom: nullable(Instant),
    validTo: nullable(Instant),
  },
  { title: 'Contract' },
);

const ContractInput = Type.Object(
  {
    peakKw: Type.Optional(peakKw),
    offPeakKw,
    peakHours: Type.Optional(peakHours),
    tolerance: Type.Optional(tolerance),
    validFrom: Type.Optional(nullable(Instant)),
    validTo: Type.Optional(nullable(Instant)),
  },
  { ...closed, title: 'NewContract' },
);

const TargetSchema = Type.Object(
  {
    mape: Type.Number({ exclusiveMinimum: 0, maximum: 100, description: 'Percent; replaces the usual 8.' }),
    reason: Type.String({ minLength: 3, maxLength: 500 }),
    expires: Instant,
  },
  { ...closed, title: 'Target' },
);

const zone = Type.String({
  minLength: 1,
  maxLength: 60,
  description: 'IANA time zone; America/Sao_Paulo unless given.',
});
const ibgeCode = nullable(
  Type.String({
    pattern: '^\\d{7}$',
    examples: ['3550308'],
    description: 'Municipality; decides state and city holidays.',
  }),
);
const tariff = nullable(Type.Enum(['verde', 'azul', 'branca', 'convencional']));
const ratedKw = nullable(positive('Rated power of the battery, kW.'));
const target = nullable(TargetSchema);
const specialDays = Type.Array(SpecialDay, {
  maxItems: 400,
  description:
    'Days beside those known of the place: municipal holidays, bridges, shutdowns. The next training and the device use them.',
});
const eventFlags = Type.Array(EventFlag, {
  maxItems: 20,
  description:
    'Local hours, of weekdays (Monday is 0) or dates or any day, in which the load is another one. Each label becomes a feature at the next training.',
});

const downloadHours = Type.Array(DownloadHours.items, {
  minItems: 1,
  maxItems: 24,
  uniqueItems: true,
  description: 'Local hours in which the site’s device may fetch a model; all unless given.',
});

export const SettingsSchema = Type.Object(
  {
    zone,
    ibgeCode,
    tariff,
    ratedKw,
    contract: nullable(ContractSchema),
    target,
    specialDays: Type.Optional(specialDays),
    eventFlags: Type.Optional(eventFlags),
    downloadHours: Type.Optional(downloadHours),
  },
  { title: 'Settings' },
);

/** What a request may leave out takes the default that its description names, or null. */
export const SettingsInput = Type.Object(
  {
    zone: Type.Optional(zone),
    ibgeCode: Type.Optional(ibgeCode),
    tariff: Type.Optional(tariff),
    ratedKw: Type.Optional(ratedKw),
    contract: Type.Optional(nullable(ContractInput)),
    target: Type.Optional(target),
    specialDays: Type.Optional(specialDays),
    eventFlags: Type.Optional(eventFlags),
    downloadHours: Type.Optional(downloadHours),
  },
  {
    title: 'NewSettings',
    ...closed,
    examples: [
      {
        zone: 'America/Sao_Paulo',
        ibgeCode: '3550308',
        tariff: 'verde',
        ratedKw: 500,
        contract: { offPeakKw: 1200, peakHours: [18, 19, 20], tolerance: 5 },
        specialDays: [{ date: '2026-12-28', name: 'Férias coletivas', kind: 'shutdown' }],
        eventFlags: [{ label: 'kiln', hours: [14, 15], weekdays: [1] }],
        downloadHours: [1, 2, 3, 4],
      },
    ],
  },
);
export type SettingsInput = Static<typeof SettingsInput>;

export const SiteSchema = Type.Object(
  {
    systemId: Type.String(),
    settings: SettingsSchema,
    deviceId: nullable(Type.String({ description: 'The site’s one active device.' })),
    nextRetrain: nullable(Instant),
    nextRetrainStart: nullable(Instant),
    retrainsPaused: nullable(Type.String({ description: 'Why weekly retrains are paused.' })),
    lastSkippedRetrain: nullable(
      Type.Object(
        { slot: Instant, reason: Type.String() },
        { description: 'The last weekly slot that passed without a job, and why.' },
      ),
    ),
  },
  { title: 'Site', description: 'A site with its settings.' },
);

const SiteRow = Type.Object(
  {
    systemId: Type.String(),
    status: Type.Enum(['registered', 'decommissioned']),
    zone: Type.String(),
    contract: nullable(ContractSchema),
    deviceId: nullable(Type.String()),
    runningVersion: nullable(ModelVersion),
    desiredVersion: nullable(ModelVersion),
    attemptedVersion: nullable(ModelVersion),
    attemptedStatus: nullable(Type.String()),
    attemptedReason: nullable(
      Type.String({ description: 'Why the device does not run what was tried last.' }),
    ),
    createdAt: Instant,
    updatedAt: Instant,
  },
  { title: 'SiteRow' },
);

export const SitePage = PageOf(
  'SitePage',
  SiteRow,
  'Sites with what runs, what should run and what was tried last.',
);

export const SiteFilter = Type.Object(
  { status: Type.Optional(Type.Enum(['registered', 'decommissioned'])), ...paging },
  closed,
);

export const PauseBody = Type.Object({ reason: Type.String({ minLength: 3, maxLength: 500 }) }, closed);

export const ReasonQuery = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 500, default: 'requested through the API' }) },
  closed,
);

export const DeviceParams = Type.Object({ systemId: SystemId, deviceId: OpaqueId }, closed);

export const NewDeviceSchema = Type.Object(
  {
    deviceId: Type.String(),
    secret: Type.String({ description: 'Shown this once; only its hash is kept.' }),
    trustRoot: Type.Optional(
      Type.Unsafe<object>({
        type: 'object',
        description: 'The signed root that the device’s trust begins with; absent where none is published.',
      }),
    ),
    settings: Type.Unsafe<object>({
      type: 'object',
      description: 'The whole settings file that the device’s program is started with, the secret in it.',
    }),
  },
  { title: 'NewDevice', description: 'The site’s new device; the one before is revoked.' },
);
