import Type from 'typebox';
import { ModelTypeSchema, ModelVersion, nullable, SystemId } from '../../events/values.ts';
import { closed } from './common.ts';
import { exampleRequest } from './rollout-examples.ts';

/** What people ask of a rollout. Shares in percent. */

const Percent = (value: number, description: string) =>
  Type.Number({ minimum: 0, maximum: 100, default: value, description });
const Hour = Type.Integer({ minimum: 0, maximum: 23 });

const ThresholdsSchema = Type.Object(
  {
    failuresPct: Percent(5, 'Share of a stage’s sites that may reject their version or roll it back.'),
    timeoutsPct: Percent(20, 'Share of a stage’s sites that may not answer in time.'),
    shadowWorsePct: Percent(50, 'Share of all sites whose candidate may be worse in shadow.'),
    liveWorsePct: Percent(20, 'Share of a stage’s sites whose error may be larger in service.'),
    errorIncreasePct: Type.Number({
      minimum: 0,
      maximum: 1000,
      default: 10,
      description: 'How much larger an error may be than that of the model before, relative to it.',
    }),
  },
  { ...closed, title: 'RolloutThresholdWishes', default: {} },
);

export const WindowSchema = nullable(
  Type.Object(
    { fromHour: Hour, toHour: Hour },
    {
      ...closed,
      title: 'RolloutWindow',
      description: 'Local hours of a site in which it may be offered a version, up to but not `toHour`.',
    },
  ),
);

const SiteWish = Type.Object(
  {
    systemId: SystemId,
    version: Type.Optional(ModelVersion),
    modelType: Type.Optional(Type.Enum([...ModelTypeSchema.enum])),
  },
  { ...closed, title: 'RolloutSiteWish' },
);

const StageWish = Type.Object(
  {
    sites: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    sharePct: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 100 })),
  },
  {
    ...closed,
    title: 'RolloutStageWish',
    description: 'So many sites in all, or a share of those planned: one of the two.',
  },
);

const wishes = {
  shadowDays: Type.Integer({
    minimum: 0,
    maximum: 31,
    default: 7,
    description:
      'Recent days on which each candidate is held against what runs, before anything is sent; 0 for none.',
  }),
  window: Type.Union(WindowSchema.anyOf, { default: null }),
  atOnce: Type.Integer({
    minimum: 1,
    maximum: 1000,
    default: 20,
    description: 'Sites that may have an offer without an answer at the same time.',
  }),
  perHour: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], {
    default: null,
    description: 'Offers within an hour; null for no limit.',
  }),
  soakHours: Type.Number({
    minimum: 0,
    maximum: 336,
    default: 24,
    description: 'How long a stage’s models serve before the next one begins.',
  }),
  thresholds: ThresholdsSchema,
  onBreach: Type.Enum(['pause', 'abort'], {
    default: 'pause',
    description: 'What a passed threshold does; `abort` takes the updated sites back.',
  }),
};

export const RolloutBody = Type.Object(
  {
    sites: Type.Optional(
      Type.Array(SiteWish, {
        minItems: 1,
        maxItems: 10_000,
        description:
          'In the order in which they get their version: the one that is named, or the latest that passed its gate. Every site with a newer one when left out.',
      }),
    ),
    zone: Type.Optional(
      Type.String({ minLength: 1, maxLength: 60, description: 'Only sites of this IANA zone.' }),
    ),
    note: Type.String({ maxLength: 500, default: '' }),
    stages: Type.Array(StageWish, {
      minItems: 1,
      maxItems: 10,
      default: [{ sites: 1 }, { sharePct: 10 }, { sharePct: 100 }],
    }),
    ...wishes,
    dryRun: Type.Boolean({ default: false, description: 'Answers the plan and begins nothing.' }),
  },
  { ...closed, title: 'RolloutRequest', examples: [exampleRequest] },
);
