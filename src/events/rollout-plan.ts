import Type, { type Static } from 'typebox';
import { ModelTypeSchema, ModelVersion, nullable, SystemId } from './values.ts';

/** What a rollout is asked to do, and by which rules. Shares are fractions. */

const closed = { additionalProperties: false } as const;
const Share = Type.Number({ minimum: 0, maximum: 1 });
const Count = Type.Integer({ minimum: 0 });

/** What one site is to run. */
export const PlannedSite = Type.Object(
  {
    systemId: SystemId,
    version: ModelVersion,
    modelType: ModelTypeSchema,
    /** The site's zone, for the window. */
    zone: Type.String({ maxLength: 60 }),
    /** What its device ran when the rollout was planned. */
    running: nullable(ModelVersion),
  },
  closed,
);
export type PlannedSite = Static<typeof PlannedSite>;

/** `upTo` sites in all, those of earlier stages included, have been offered their version when the stage is over. */
const RolloutStage = Type.Object(
  { name: Type.String({ minLength: 1, maxLength: 40 }), upTo: Type.Integer({ minimum: 1 }) },
  closed,
);

/** How a rollout goes on, and when it stops. */
export const RolloutRules = Type.Object(
  {
    /** Recent days on which each candidate is held against what runs before anything is sent; 0 for none. */
    shadowDays: Type.Integer({ minimum: 0, maximum: 31 }),
    stages: Type.Array(RolloutStage, { minItems: 1, maxItems: 10 }),
    /** Local hours of a site in which it may be offered a version, from `fromHour` up to but not `toHour`; null for all. */
    window: nullable(
      Type.Object(
        {
          fromHour: Type.Integer({ minimum: 0, maximum: 23 }),
          toHour: Type.Integer({ minimum: 0, maximum: 23 }),
        },
        closed,
      ),
    ),
    /** Sites that may have an offer without an answer at the same time, and offers within an hour. */
    atOnce: Type.Integer({ minimum: 1, maximum: 1000 }),
    perHour: nullable(Type.Integer({ minimum: 1 })),
    /** How long a stage's models serve before the next stage begins. */
    soakHours: Type.Number({ minimum: 0, maximum: 336 }),
    thresholds: Type.Object(
      {
        /** Share of a stage's sites that reject their version or roll it back. */
        failures: Share,
        /** Share of a stage's sites that do not answer in time. */
        timeouts: Share,
        /** Share of the sites whose candidate is worse in shadow, or worse in service. */
        shadowWorse: Share,
        liveWorse: Share,
        /** How much larger an error may be than that of the model before: 0.1 is a tenth. */
        errorIncrease: Type.Number({ minimum: 0, maximum: 10 }),
      },
      closed,
    ),
    onBreach: Type.Enum(['pause', 'abort']),
  },
  closed,
);
export type RolloutRules = Static<typeof RolloutRules>;

/** A threshold that was passed: `count` of `of` sites, more than the share `limit`. */
export const Breach = Type.Object(
  {
    measure: Type.Enum(['failures', 'timeouts', 'shadowWorse', 'liveWorse']),
    count: Count,
    of: Count,
    limit: Share,
  },
  closed,
);
export type Breach = Static<typeof Breach>;
