import Type from 'typebox';
import { AlertRuleSchema, alertFacts } from '../../events/alert.ts';
import { EventFlag } from '../../events/site.ts';
import { Instant, LocalDate, nullable, OpaqueId, SystemId } from '../../events/values.ts';
import { closed, PageOf, paging } from './common.ts';

const { evidence, actions } = alertFacts.AlertOpened.schema.properties;

const AlertStatus = Type.Enum(['open', 'acknowledged', 'resolved']);

export const AlertParams = Type.Object({ alertId: OpaqueId }, closed);

export const AlertSchema = Type.Object(
  {
    alertId: Type.String(),
    systemId: Type.String(),
    rule: AlertRuleSchema,
    priority: Type.Enum(['P4']),
    status: AlertStatus,
    day: Type.Intersect([LocalDate], { description: 'The local day whose scores opened it.' }),
    evidence,
    actions,
    proposedFlag: nullable(EventFlag),
    acceptedFlag: nullable(Type.String()),
    retrainJobId: nullable(Type.String({ description: 'The retrain that the alert itself started.' })),
    openedAt: Instant,
    updatedAt: Instant,
  },
  {
    title: 'Alert',
    description: 'Something is wrong with a site’s forecasts. Errors and limits in percent, power in kW.',
  },
);

export const AlertPage = PageOf('AlertPage', AlertSchema, 'Alerts, newest first.');

export const AlertFilter = Type.Object(
  { systemId: Type.Optional(SystemId), status: Type.Optional(AlertStatus), ...paging },
  closed,
);

export const AcknowledgeBody = Type.Object(
  { note: Type.String({ maxLength: 500, default: '' }) },
  { ...closed, default: {} },
);

const scope = {
  systemId: nullable(SystemId),
  rule: nullable(AlertRuleSchema),
};

const SilenceSchema = Type.Object({ ...scope, until: Instant }, { title: 'Silence' });

export const SilenceList = Type.Object(
  { items: Type.Array(SilenceSchema) },
  { title: 'SilenceList', description: 'What is kept silent now; null for every site, or every rule.' },
);

const reason = Type.String({ minLength: 3, maxLength: 500 });

export const SilenceBody = Type.Object(
  {
    systemId: Type.Optional(scope.systemId),
    rule: Type.Optional(scope.rule),
    until: Instant,
    reason,
  },
  {
    title: 'NewSilence',
    ...closed,
    examples: [{ systemId: 'bess-456', until: '2026-04-01T03:00:00Z', reason: 'the plant is rebuilt' }],
  },
);

export const LiftBody = Type.Object(
  { systemId: Type.Optional(scope.systemId), rule: Type.Optional(scope.rule), reason },
  { ...closed, title: 'LiftedSilence' },
);

export const FlagList = Type.Object(
  { eventFlags: Type.Array(EventFlag) },
  {
    title: 'EventFlagList',
    description: 'The site’s event flags; each label is a feature from the next training on.',
  },
);

export const FlagBody = EventFlag;

export const FleetSchema = Type.Object(
  {
    status: Type.Enum(['deploying', 'stopped']),
    stoppedAt: nullable(Instant),
    failed: nullable(Type.Integer({ description: 'Deployments that failed, of `settled` that ended.' })),
    settled: nullable(Type.Integer()),
    deploymentIds: Type.Array(Type.String()),
  },
  { title: 'Fleet', description: 'Whether models go out by themselves.' },
);

export const ResumeBody = Type.Object({ reason }, closed);
