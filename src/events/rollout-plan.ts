import Type, { type Static } from 'typebox';
import { described, ModelTypeSchema, ModelVersion, nullable, SystemId } from './values.ts';

/** What a rollout is asked to do, and by which rules. Shares are fractions. */

const closed = { additionalProperties: false } as const;
const Share = Type.Number({ minimum: 0, maximum: 1 });
const Count = Type.Integer({ minimum: 0 });

export const PlannedSite = described(
  Type.Object(
    {
      systemId: SystemId,
      version: ModelVersion,
      modelType: ModelTypeSchema,
      zone: described(Type.String({ maxLength: 60 }), 'The site’s zone, for the window.'),
      running: described(nullable(ModelVersion), 'What its device ran when the rollout was planned.'),
    },
    closed,
  ),
  'What one site is to run.',
);
export type PlannedSite = Static<typeof PlannedSite>;

const RolloutStage = described(
  Type.Object(
    { name: Type.String({ minLength: 1, maxLength: 40 }), upTo: Type.Integer({ minimum: 1 }) },
    closed,
  ),
  '`upTo` sites in all, those of earlier stages included, have been offered their version when the stage is over.',
);

export const RolloutRules = described(
  Type.Object(
    {
      shadowDays: described(
        Type.Integer({ minimum: 0, maximum: 31 }),
        'Recent days on which each candidate is held against what runs before anything is sent; 0 for none.',
      ),
      stages: Type.Array(RolloutStage, { minItems: 1, maxItems: 10 }),
      window: described(
        nullable(
          Type.Object(
            {
              fromHour: Type.Integer({ minimum: 0, maximum: 23 }),
              toHour: Type.Integer({ minimum: 0, maximum: 23 }),
            },
            closed,
          ),
        ),
        'Local hours of a site in which it may be offered a version, from `fromHour` up to but not `toHour`; null for all.',
      ),
      atOnce: described(
        Type.Integer({ minimum: 1, maximum: 1000 }),
        'Sites that may have an offer without an answer at the same time.',
      ),
      perHour: described(
        nullable(Type.Integer({ minimum: 1 })),
        'Offers within an hour; null for any number.',
      ),
      soakHours: described(
        Type.Number({ minimum: 0, maximum: 336 }),
        'How long a stage’s models serve before the next stage begins.',
      ),
      thresholds: Type.Object(
        {
          failures: described(Share, 'Share of a stage’s sites that reject their version or roll it back.'),
          timeouts: described(Share, 'Share of a stage’s sites that do not answer in time.'),
          shadowWorse: described(Share, 'Share of the sites whose candidate is worse in shadow.'),
          liveWorse: described(Share, 'Share of the sites whose new model is worse in service.'),
          errorIncrease: described(
            Type.Number({ minimum: 0, maximum: 10 }),
            'How much larger an error may be than that of the model before: 0.1 is a tenth.',
          ),
        },
        closed,
      ),
      onBreach: Type.Enum(['pause', 'abort']),
    },
    closed,
  ),
  'How a rollout goes on, and when it stops.',
);
export type RolloutRules = Static<typeof RolloutRules>;

export const Breach = described(
  Type.Object(
    {
      measure: Type.Enum(['failures', 'timeouts', 'shadowWorse', 'liveWorse']),
      count: Count,
      of: Count,
      limit: Share,
    },
    closed,
  ),
  'A threshold that was passed: `count` of `of` sites, more than the share `limit`.',
);
export type Breach = Static<typeof Breach>;
