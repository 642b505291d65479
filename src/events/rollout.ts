import Type from 'typebox';
import { type FactOf, firstVersion } from './envelope.ts';
import { Breach, PlannedSite, RolloutRules } from './rollout-plan.ts';
import { described, Instant, ModelTypeSchema, ModelVersion, nullable, OpaqueId, SystemId } from './values.ts';

/** Facts of a staged rollout of model versions over many sites, stream `rollout-{rolloutId}`. Shares are fractions. */

const closed = { additionalProperties: false } as const;
const Reason = Type.String({ minLength: 1, maxLength: 500 });
const Count = Type.Integer({ minimum: 0 });
/** Facts about sites come in batches, so that a large fleet makes neither huge facts nor a fact for each site. */
export const SITES_A_FACT = 200;
const batchOf = <S extends Type.TSchema>(item: S) =>
  Type.Array(item, { minItems: 1, maxItems: SITES_A_FACT });

const ErrorShare = nullable(Type.Number({ minimum: 0 }));

const OUTCOMES = ['active', 'rejected', 'rolledback', 'expired', 'superseded'] as const;

export const rolloutFacts = {
  RolloutPlanned: firstVersion(
    'A rollout with its rules; its sites follow in facts of their own.',
    Type.Object(
      {
        rolloutId: OpaqueId,
        tenant: OpaqueId,
        note: Type.String({ maxLength: 500 }),
        sites: Type.Integer({ minimum: 1 }),
        rules: RolloutRules,
        idempotencyKey: Type.Optional(Type.String({ maxLength: 200 })),
      },
      closed,
    ),
  ),
  SitesPlanned: firstVersion(
    'In the order in which they are offered their version.',
    Type.Object({ sites: batchOf(PlannedSite) }, closed),
  ),
  RolloutStarted: firstVersion(
    'All sites are planned, and the rollout goes on by itself.',
    Type.Object({}, closed),
  ),
  ShadowsRequested: firstVersion(
    'Evaluations that were asked for: of the candidate, and of what runs where anything does.',
    Type.Object(
      {
        shadows: batchOf(
          Type.Object({ systemId: SystemId, candidate: OpaqueId, running: nullable(OpaqueId) }, closed),
        ),
      },
      closed,
    ),
  ),
  ShadowsCompared: firstVersion(
    'MAPE of both over the same days. `unproven` where the candidate could not be evaluated.',
    Type.Object(
      {
        results: batchOf(
          Type.Object(
            {
              systemId: SystemId,
              verdict: Type.Enum(['passed', 'worse', 'unproven']),
              candidateError: ErrorShare,
              runningError: ErrorShare,
              inSampleHours: described(Count, 'Hours that the candidate had been trained on.'),
              reason: nullable(Reason),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
  ),
  SitesOffered: firstVersion(
    'In one transaction with the deployments’ own facts. `previous` is what the device ran.',
    Type.Object(
      {
        stage: Count,
        at: Instant,
        offers: batchOf(
          Type.Object(
            {
              systemId: SystemId,
              deploymentId: OpaqueId,
              previous: nullable(
                Type.Object(
                  { deploymentId: OpaqueId, version: ModelVersion, modelType: ModelTypeSchema },
                  closed,
                ),
              ),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
  ),
  SitesSkipped: firstVersion(
    'Sites that are left as they are, and why.',
    Type.Object({ sites: batchOf(Type.Object({ systemId: SystemId, reason: Reason }, closed)) }, closed),
  ),
  OutcomesRecorded: firstVersion(
    'What came of offers; `was` is what the site stood at, so that counts follow from the facts alone.',
    Type.Object(
      {
        outcomes: batchOf(
          Type.Object(
            {
              systemId: SystemId,
              deploymentId: OpaqueId,
              was: Type.Enum(['offered', 'active', 'expired', 'reverting']),
              outcome: Type.Enum([...OUTCOMES]),
              reason: nullable(Reason),
              at: Instant,
            },
            closed,
          ),
        ),
      },
      closed,
    ),
  ),
  SoakBegan: firstVersion(
    'The models of the stage have to serve until then before the next one begins.',
    Type.Object({ stage: Count, until: Instant }, closed),
  ),
  ErrorsCompared: firstVersion(
    'WAPE of what devices forecast, of the new model since it serves and of the one before in the week before.',
    Type.Object(
      {
        results: batchOf(
          Type.Object(
            {
              systemId: SystemId,
              liveError: ErrorShare,
              previousError: ErrorShare,
              hours: Count,
              worse: Type.Boolean(),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
  ),
  SoakEnded: firstVersion(
    'The time in which the stage’s models had to serve is over.',
    Type.Object({ stage: Count }, closed),
  ),
  StagePassed: firstVersion(
    '`stage` -1 is the shadow.',
    Type.Object({ stage: Type.Integer({ minimum: -1 }) }, closed),
  ),
  RolloutPaused: firstVersion(
    'Nothing new is offered until somebody resumes it.',
    Type.Object(
      {
        cause: described(
          Type.Enum(['person', 'threshold', 'fleet-stopped', 'trouble']),
          '`trouble`: it could not go on, and the reason says why.',
        ),
        reason: Reason,
        breach: nullable(Breach),
      },
      closed,
    ),
  ),
  RolloutResumed: firstVersion(
    'What was counted against the stage until a threshold stopped it counts no more.',
    Type.Object({ reason: Reason }, closed),
  ),
  RolloutAborted: firstVersion(
    'The rollout is over; every updated site is to be taken back.',
    Type.Object(
      { cause: Type.Enum(['person', 'threshold']), reason: Reason, breach: nullable(Breach) },
      closed,
    ),
  ),
  RevertsMade: firstVersion(
    'In one transaction with the deployments’ own facts; no deployment where a site stays as it is, and why.',
    Type.Object(
      {
        reverts: batchOf(
          Type.Object(
            {
              systemId: SystemId,
              was: Type.Enum(['offered', 'active', 'expired', 'superseded']),
              deploymentId: nullable(OpaqueId),
              reason: nullable(Reason),
            },
            closed,
          ),
        ),
      },
      closed,
    ),
  ),
  RolloutReverted: firstVersion(
    'Every updated site was offered what it ran before.',
    Type.Object({}, closed),
  ),
  RolloutCompleted: firstVersion('All stages passed.', Type.Object({}, closed)),
};

export type RolloutFact = FactOf<typeof rolloutFacts>;
