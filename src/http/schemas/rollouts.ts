import Type from 'typebox';
import { Instant, ModelVersion, nullable, OpaqueId } from '../../events/values.ts';
import { SITE_STATUSES } from '../../machines/rollout-model.ts';
import { closed, PageOf, paging } from './common.ts';
import { exampleCounts, exampleRollout, exampleRules, exampleSite } from './rollout-examples.ts';
import { WindowSchema } from './rollout-request.ts';

const Count = Type.Integer({ minimum: 0 });
const reason = Type.String({ minLength: 3, maxLength: 500 });

const RulesSchema = Type.Object(
  {
    shadowDays: Count,
    stages: Type.Array(Type.Object({ name: Type.String(), upTo: Count })),
    window: WindowSchema,
    atOnce: Count,
    perHour: nullable(Count),
    soakHours: Type.Number(),
    thresholds: Type.Object(
      {
        failuresPct: Type.Number(),
        timeoutsPct: Type.Number(),
        shadowWorsePct: Type.Number(),
        liveWorsePct: Type.Number(),
        errorIncreasePct: Type.Number(),
      },
      { title: 'RolloutThresholds' },
    ),
    onBreach: Type.Enum(['pause', 'abort']),
  },
  {
    title: 'RolloutRules',
    description: '`upTo` sites in all have been offered their version when a stage is over.',
    examples: [exampleRules],
  },
);

export const RolloutPlanSchema = Type.Object(
  {
    rules: RulesSchema,
    sites: Type.Array(
      Type.Object({
        systemId: Type.String(),
        version: ModelVersion,
        modelType: Type.String(),
        zone: Type.String(),
        running: nullable(ModelVersion),
      }),
      { description: 'In the order in which they would get their version.' },
    ),
    left: Type.Array(Type.Object({ systemId: Type.String(), reason: Type.String() }), {
      description: 'Sites that would be left as they are, and why.',
    }),
  },
  { title: 'RolloutPlan', description: 'What a rollout would do if it began now.' },
);

const CountsSchema = Type.Object(
  {
    waiting: Count,
    heldBack: Count,
    skipped: Count,
    offered: Count,
    active: Count,
    failed: Count,
    expired: Count,
    superseded: Count,
    reverting: Count,
    reverted: Count,
    notReverted: Count,
  },
  {
    title: 'RolloutCounts',
    description: 'Sites by where they stand; they add up to all of them.',
    examples: [exampleCounts],
  },
);

const ROLLOUT_STATES = ['rolling', 'soaking', 'paused', 'reverting', 'aborted', 'completed'];
const RolloutStatus = Type.Enum(ROLLOUT_STATES, {
  description: 'rolling ⇄ soaking, both ⇄ paused, then completed; or reverting, then aborted.',
});

const row = {
  rolloutId: Type.String(),
  note: Type.String(),
  status: RolloutStatus,
  stage: Type.String({
    description: 'The stage under way, or the last one; `shadow` before anything is sent.',
  }),
  stages: Type.Array(Type.String()),
  sites: Count,
  counts: CountsSchema,
  reason: nullable(Type.String({ description: 'Why it is paused or was aborted.' })),
  createdAt: Instant,
  updatedAt: Instant,
};

const RolloutRow = Type.Object(row, { title: 'RolloutRow' });
export const RolloutPage = PageOf('RolloutPage', RolloutRow, 'Rollouts, newest first.');
export const RolloutFilter = Type.Object({ status: Type.Optional(RolloutStatus), ...paging }, closed);

export const RolloutSchema = Type.Object(
  {
    ...row,
    rules: RulesSchema,
    cause: nullable(
      Type.Enum(['person', 'threshold', 'fleet-stopped', 'trouble'], {
        description: 'Of the pause or the abort.',
      }),
    ),
    breach: nullable(
      Type.Object(
        { measure: Type.String(), count: Count, of: Count, limitPct: Type.Number() },
        { title: 'RolloutBreach', description: 'The threshold that was passed: `count` of `of` sites.' },
      ),
    ),
    soakUntil: nullable(Type.Intersect([Instant], { description: 'Until when the stage’s models serve.' })),
    createdBy: Type.String({ description: 'Opaque id of who began it.' }),
  },
  {
    title: 'Rollout',
    description: 'Versions of many sites on their way, stage by stage.',
    examples: [exampleRollout],
  },
);

export const RolloutParams = Type.Object({ rolloutId: OpaqueId }, closed);
export const RolloutReasonBody = Type.Object({ reason }, { ...closed, title: 'RolloutReason' });

const SiteStatus = Type.Enum([...SITE_STATUSES]);
const RolloutSiteSchema = Type.Object(
  {
    systemId: Type.String(),
    version: ModelVersion,
    modelType: Type.String(),
    running: nullable(ModelVersion),
    status: SiteStatus,
    stage: nullable(Type.String({ description: 'The stage in which it was offered its version.' })),
    deploymentId: nullable(Type.String()),
    revertId: nullable(Type.String({ description: 'The deployment that takes the version back.' })),
    shadowMape: nullable(Type.Number({ description: 'Of its candidate on recent days, percent.' })),
    runningMape: nullable(Type.Number({ description: 'Of what runs on the same days, percent.' })),
    liveWape: nullable(Type.Number({ description: 'Of its forecasts since it serves, percent.' })),
    previousWape: nullable(Type.Number({ description: 'Of the model before it, in the week before.' })),
    reason: nullable(Type.String()),
    at: nullable(Instant),
  },
  { title: 'RolloutSite', examples: [exampleSite] },
);

export const RolloutSitePage = PageOf(
  'RolloutSitePage',
  RolloutSiteSchema,
  'Sites in the order of the rollout.',
);
export const RolloutSiteFilter = Type.Object({ status: Type.Optional(SiteStatus), ...paging }, closed);
