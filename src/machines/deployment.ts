import type { Answer, DeploymentFact } from '../events/deployment.ts';
import type { RegistryOperation } from '../events/registry.ts';
import type { Guard } from './guard.ts';
import { IllegalCommand, type Stage } from './lifecycle.ts';
import { type EffectRule, illegal, lifecycleOf, type TransitionTable } from './table.ts';

/**
 * One model version on its way to one device. An answer that comes too late to change anything is recorded all
 * the same; an activation after expiry or beside a newer offer still counts, since the device runs the model.
 */

export type DeploymentState =
  | 'new'
  | 'offered'
  | 'active'
  | 'rejected'
  | 'rolledback'
  | 'expired'
  | 'superseded';

type Offer = Extract<DeploymentFact, { type: 'DeploymentOffered' }>['data'];

export interface DeploymentContext {
  readonly offer: Offer | null;
  /** Message ids already folded: a repeated answer changes nothing. */
  readonly answeredBy: readonly string[];
}

export type DeploymentStage = Stage<DeploymentState, DeploymentContext>;

export type AnswerStatus = 'active' | 'rolledback' | 'rejected';

export type DeploymentCommand =
  | { readonly type: 'offer'; readonly offer: Offer }
  | {
      readonly type: 'answer';
      readonly status: AnswerStatus;
      readonly answer: Answer;
      /** A later assignment already runs on the device: this answer can only be recorded. */
      readonly overtaken: boolean;
      /** After a rollback: what the device runs now, null for nothing; the offer's predecessor when left out. */
      readonly restored?: string | null;
    }
  | { readonly type: 'expire' }
  | { readonly type: 'supersede'; readonly byDeploymentId: string };

/** After this long without an answer the desired state is published again. */
const FIRST_REMINDER_MS = 30_000;

const deploymentIdOf = ({ offer }: DeploymentContext) => ({ deploymentId: offer?.deploymentId ?? '' });

const publishDesired: EffectRule<DeploymentContext, unknown> = {
  type: 'publish-desired',
  lane: 'quick',
  request: (context) => ({ data: deploymentIdOf(context) }),
};
const remindDevice: EffectRule<DeploymentContext, unknown> = {
  type: 'remind-device',
  lane: 'quick',
  request: (context) => ({
    data: deploymentIdOf(context),
    due: { clock: 'machine', afterMs: FIRST_REMINDER_MS },
  }),
};
const expireDeployment: EffectRule<DeploymentContext, Offer> = {
  type: 'expire-deployment',
  lane: 'quick',
  request: (context, offer) => ({ data: deploymentIdOf(context), due: { clock: 'site', at: offer.expires } }),
};
/** The retained desired state becomes what runs. */
const restoreDesired: EffectRule<DeploymentContext, unknown> = {
  type: 'restore-desired',
  lane: 'quick',
  request: (context) => ({ data: deploymentIdOf(context) }),
};
/** What ran before may not be needed any more: its files go to the archive, and those of what runs come out of it. */
const sortFiles: EffectRule<DeploymentContext, unknown> = {
  type: 'sort-files',
  lane: 'quick',
  request: (context) => ({ data: deploymentIdOf(context) }),
};
/** Tells the job, where there is one, how its deployment ended. */
const reportOutcome: EffectRule<DeploymentContext, unknown> = {
  type: 'report-outcome',
  lane: 'quick',
  request: (context) => (context.offer?.jobId ? { data: deploymentIdOf(context) } : null),
};

/** A message that was folded before says nothing new. */
const newAnswer: Guard<DeploymentContext, { readonly answer: Answer }> = {
  name: 'new-answer',
  needs: 'fact',
  judge: ({ answeredBy }, { answer: { messageId } }) => ({
    holds: !answeredBy.includes(messageId),
    values: { messageId, answersBefore: answeredBy.length },
  }),
};

const noteAnswer = (
  context: DeploymentContext,
  { answer }: { readonly answer: Answer },
): DeploymentContext => ({
  ...context,
  answeredBy: [...context.answeredBy, answer.messageId],
});

/** What an answer of the device does, whatever state it leads to. */
const answered = { update: noteAnswer, guards: [newAnswer] } as const;

const unborn = {
  DeploymentActivated: illegal,
  DeploymentRejected: illegal,
  DeploymentRolledBack: illegal,
  DeploymentExpired: illegal,
  DeploymentSuperseded: illegal,
  LateAnswerRecorded: illegal,
} as const;

const late = (to: DeploymentState) =>
  ({ ...unborn, DeploymentOffered: illegal, LateAnswerRecorded: { to, ...answered } }) as const;

const failed = { ...answered, effects: [reportOutcome, restoreDesired, sortFiles] } as const;

const table: TransitionTable<DeploymentState, DeploymentFact, DeploymentContext> = {
  new: {
    ...unborn,
    DeploymentOffered: {
      to: 'offered',
      update: (context, offer) => ({ ...context, offer }),
      effects: [publishDesired, remindDevice, expireDeployment],
    },
  },
  offered: {
    DeploymentOffered: illegal,
    DeploymentActivated: { to: 'active', ...answered, effects: [reportOutcome, sortFiles] },
    DeploymentRejected: { to: 'rejected', ...failed },
    // A device that swapped and then failed the first inference answers `rolledback` without an `active` before.
    DeploymentRolledBack: { to: 'rolledback', ...failed },
    DeploymentExpired: { to: 'expired', effects: [reportOutcome, restoreDesired, sortFiles] },
    // The newer offer already replaced the retained desired state.
    DeploymentSuperseded: { to: 'superseded', effects: [reportOutcome, sortFiles] },
    LateAnswerRecorded: illegal,
  },
  active: {
    ...late('active'),
    DeploymentRolledBack: { to: 'rolledback', ...answered, effects: [restoreDesired, sortFiles] },
  },
  rejected: late('rejected'),
  rolledback: late('rolledback'),
  expired: {
    ...late('expired'),
    DeploymentActivated: { to: 'active', ...answered, effects: [restoreDesired, sortFiles] },
  },
  // The device had swapped before the newer offer reached it: this model serves until that one does.
  superseded: {
    ...late('superseded'),
    DeploymentActivated: { to: 'active', ...answered, effects: [restoreDesired, sortFiles] },
  },
};

function offerAt({ state, context }: DeploymentStage, command: string): Offer {
  if (context.offer === null) throw new IllegalCommand('deployment', state, command, ['DeploymentOffered']);
  return context.offer;
}

type AnswerCommand = Extract<DeploymentCommand, { type: 'answer' }>;

function factOfAnswer(
  { version, previousDeploymentId }: Offer,
  { status, answer, restored = previousDeploymentId }: AnswerCommand,
): DeploymentFact {
  switch (status) {
    case 'active':
      return { type: 'DeploymentActivated', data: { version, answer } };
    case 'rejected':
      return { type: 'DeploymentRejected', data: { version, answer } };
    case 'rolledback':
      return { type: 'DeploymentRolledBack', data: { version, previousDeploymentId: restored, answer } };
  }
}

function answerFacts(stage: DeploymentStage, command: AnswerCommand): readonly DeploymentFact[] {
  const { answer, status, overtaken } = command;
  if (stage.context.answeredBy.includes(answer.messageId)) return [];
  const offer = offerAt(stage, command.type);
  const fact = factOfAnswer(offer, command);
  return overtaken || table[stage.state][fact.type] === illegal
    ? [{ type: 'LateAnswerRecorded', data: { version: offer.version, status, answer } }]
    : [fact];
}

function facts(command: DeploymentCommand, stage: DeploymentStage): readonly DeploymentFact[] {
  switch (command.type) {
    case 'offer':
      return [{ type: 'DeploymentOffered', data: command.offer }];
    case 'answer':
      return answerFacts(stage, command);
    case 'expire': {
      const { version, expires } = offerAt(stage, command.type);
      return [{ type: 'DeploymentExpired', data: { version, expires } }];
    }
    case 'supersede': {
      const { version } = offerAt(stage, command.type);
      return [{ type: 'DeploymentSuperseded', data: { version, byDeploymentId: command.byDeploymentId } }];
    }
  }
}

function afterRollback(
  { systemId, deploymentId, previousDeploymentId }: Offer,
  restored: string | null,
): readonly RegistryOperation[] {
  const kind = 'running-deployment';
  if (restored !== null) return [{ operation: 'set', kind, key: systemId, value: restored }];
  // Nothing serves: neither this model nor the one before it.
  return [deploymentId, previousDeploymentId]
    .filter((value) => value !== null)
    .map((value) => ({ operation: 'release', kind, key: systemId, value }));
}

function claimsOfOffer({
  tenant,
  systemId,
  deploymentId,
  assignment,
  restore,
}: Offer): readonly RegistryOperation[] {
  const key = restore?.idempotencyKey;
  const again: RegistryOperation[] =
    key === undefined
      ? []
      : [{ operation: 'claim', kind: 'restore-key', key: `${tenant}/${key}`, value: deploymentId }];
  return [
    ...again,
    { operation: 'claim', kind: 'assignment', key: `${systemId}/${assignment}`, value: deploymentId },
    { operation: 'set', kind: 'latest-assignment', key: systemId, value: String(assignment) },
    { operation: 'set', kind: 'offered-deployment', key: systemId, value: deploymentId },
  ];
}

function registry({ context }: DeploymentStage, fact: DeploymentFact): readonly RegistryOperation[] {
  const { offer } = context;
  if (offer === null) return [];
  const { systemId, deploymentId } = offer;
  const released: RegistryOperation = {
    operation: 'release',
    kind: 'offered-deployment',
    key: systemId,
    value: deploymentId,
  };
  switch (fact.type) {
    case 'DeploymentOffered':
      return claimsOfOffer(fact.data);
    case 'DeploymentActivated':
      return [released, { operation: 'set', kind: 'running-deployment', key: systemId, value: deploymentId }];
    case 'DeploymentRolledBack':
      return [released, ...afterRollback(offer, fact.data.previousDeploymentId)];
    case 'DeploymentRejected':
    case 'DeploymentExpired':
    case 'DeploymentSuperseded':
      return [released];
    case 'LateAnswerRecorded':
      return [];
  }
}

export const deployment = lifecycleOf<DeploymentState, DeploymentCommand, DeploymentFact, DeploymentContext>({
  name: 'deployment',
  version: 2,
  streamType: 'deployment',
  initial: 'new',
  context: { offer: null, answeredBy: [] },
  table,
  commands: {
    offer: ['DeploymentOffered'],
    answer: ['DeploymentActivated', 'DeploymentRejected', 'DeploymentRolledBack', 'LateAnswerRecorded'],
    expire: ['DeploymentExpired'],
    supersede: ['DeploymentSuperseded'],
  },
  facts,
  registry,
});
