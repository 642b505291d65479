import Type from 'typebox';
import { Instant, nullable } from '../../events/values.ts';
import { closed, FactSchema } from './common.ts';
import { MachineSchema } from './machines.ts';

const streamPattern = '^[a-z-]+-[A-Za-z0-9_.:-]{1,220}$';

const StreamName = Type.String({
  pattern: streamPattern,
  maxLength: 250,
  description:
    '`{type}-{id}`, for example `training-job-{jobId}`, `deployment-{deploymentId}`, `site-{systemId}`.',
  examples: ['training-job-0197a3c2-7d1e-7c55-9a43-5a3b3f6f2d10'],
});

export const StreamParams = Type.Object({ stream: StreamName }, closed);

export const VersionQuery = Type.Object(
  {
    version: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: 'How many of its facts count; 0 before the first, all when left out.',
      }),
    ),
  },
  closed,
);

export const StepsQuery = Type.Object(
  {
    after: Type.Integer({
      minimum: 0,
      default: 0,
      description: 'Only steps after this place in the stream.',
    }),
    limit: Type.Integer({ minimum: 1, maximum: 5000, default: 2000 }),
  },
  closed,
);

const GuardValue = Type.Union([
  Type.String(),
  Type.Number(),
  Type.Boolean(),
  Type.Null(),
  Type.Object({ percent: nullable(Type.Number()) }),
]);

const ConditionSchema = Type.Object(
  {
    name: Type.String({ examples: ['below-target'] }),
    holds: nullable(Type.Boolean({ description: 'null while only the fact itself could tell.' })),
    values: Type.Record(Type.String(), GuardValue, { description: 'What it looked at.' }),
  },
  { title: 'Condition' },
);
const Guards = Type.Array(ConditionSchema);

const JudgedSchema = Type.Object({ fact: Type.String(), guards: Guards }, { title: 'JudgedFact' });

const EffectSchema = Type.Object(
  {
    key: Type.String({ description: '`stream@version#index`: work is done once by it.' }),
    type: Type.String(),
    lane: Type.Enum(['quick', 'slow']),
    data: Type.Unknown(),
    due: Type.Optional(
      Type.Union([
        Type.Object({ clock: Type.Literal('site'), at: Type.String() }),
        Type.Object({ clock: Type.Literal('machine'), afterMs: Type.Number() }),
      ]),
    ),
  },
  { title: 'RequestedEffect' },
);

const move = {
  from: Type.String(),
  to: Type.String(),
  effects: Type.Array(EffectSchema, { description: 'What was requested.' }),
  spared: Type.Array(Type.String(), { description: 'What may be requested here and was not needed.' }),
  guards: Guards,
};

const RefusalSchema = Type.Object(
  {
    fact: Type.String(),
    why: Type.Enum(['state', 'guard', 'other'], {
      description:
        '`state`: illegal there; `guard`: a condition does not hold; `other`: it could have been, but was not.',
    }),
    legalIn: Type.Array(Type.String(), { description: 'States in which it is legal.' }),
    guards: Guards,
  },
  { title: 'RefusedFact' },
);

const machine = Type.Object({ name: Type.String(), version: Type.Integer() });

export const InstantSchema = Type.Object(
  {
    streamId: Type.String(),
    machine,
    facts: Type.Integer({ description: 'How many facts the stream has.' }),
    version: Type.Integer(),
    state: Type.String(),
    context: Type.Unknown({ description: 'What the machine knows; shares in percent.' }),
    fact: nullable(FactSchema),
    taken: nullable(Type.Object(move)),
    refused: Type.Array(RefusalSchema, { description: 'Why no other fact happened instead.' }),
    legal: Type.Array(
      Type.Object({
        fact: Type.String(),
        to: Type.String(),
        effects: Type.Array(Type.String()),
        guards: Guards,
        commands: Type.Array(Type.String(), { description: 'Commands that would make it.' }),
      }),
    ),
    barred: Type.Array(RefusalSchema, { description: 'What the state allows and a guard refuses now.' }),
  },
  {
    description:
      'Where the stream stood, how it came there and what could come next, by its machine’s table.',
  },
);

const StepSchema = Type.Object(
  {
    version: Type.Integer(),
    type: Type.String(),
    data: Type.Unknown(),
    at: Instant,
    actor: Type.String(),
    recordedAt: Type.String(),
    machine: Type.String({ description: 'Machine and version that found the fact legal.' }),
    ...move,
    changed: Type.Record(Type.String(), Type.Unknown(), {
      description: 'Members of the context that are other than before.',
    }),
    removed: Type.Array(Type.String(), { description: 'Members that are no longer there.' }),
    rivals: Type.Array(JudgedSchema, { description: 'Guards of what could have happened instead.' }),
    next: Type.Array(JudgedSchema, { description: 'Guards of what is legal after it.' }),
  },
  { title: 'StreamStep' },
);

export const StepsSchema = Type.Object(
  {
    streamId: Type.String(),
    machine,
    definition: MachineSchema,
    start: Type.Object({
      version: Type.Integer(),
      state: Type.String(),
      context: Type.Unknown(),
      next: Type.Array(JudgedSchema),
    }),
    steps: Type.Array(StepSchema),
    next: nullable(Type.Integer({ description: 'Give it as `after` to read on; null at the end.' })),
    broken: nullable(Type.Object({ version: Type.Integer(), type: Type.String(), reason: Type.String() })),
  },
  {
    title: 'StreamSteps',
    description:
      'The history, folded once: the context at a step is that of the start with every change up to there.',
  },
);

export const VectorSchema = Type.Object(
  {
    machine: Type.String(),
    version: Type.Integer(),
    histories: Type.Array(
      Type.Object({
        name: Type.String(),
        facts: Type.Array(Type.Object({ type: Type.String(), data: Type.Unknown() })),
        effects: Type.Array(Type.Array(Type.String())),
        stage: Type.Object({ state: Type.String(), context: Type.Unknown() }),
      }),
    ),
  },
  {
    title: 'TestVector',
    description: 'As the log holds it: shares are fractions here, since machines read it.',
  },
);
