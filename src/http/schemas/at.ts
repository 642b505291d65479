import Type from 'typebox';
import { Instant, ModelVersion, nullable } from '../../events/values.ts';
import { AlertSchema } from './alerts.ts';
import { closed } from './common.ts';
import { DecisionSchema } from './metrics.ts';
import { SettingsSchema } from './sites.ts';

export const AtQuery = Type.Object(
  { time: Type.Optional({ ...Instant, description: 'An instant in the past; now when left out.' }) },
  closed,
);

const model = { deploymentId: Type.String(), version: ModelVersion };
const Model = (description: string) => nullable(Type.Object(model, { description }));

export const SiteAtSchema = Type.Object(
  {
    systemId: Type.String(),
    time: Instant,
    status: Type.Enum(['registered', 'decommissioned']),
    deviceId: nullable(Type.String()),
    running: Model('What the device ran.'),
    desired: Model('What it was to run.'),
    previous: Model('What it would have gone back to.'),
    attempted: nullable(
      Type.Object(
        { ...model, status: Type.String(), reason: nullable(Type.String()) },
        { description: 'What was tried last, and why it did not run.' },
      ),
    ),
    lastDecision: nullable(
      Type.Object(
        {
          jobId: Type.String(),
          version: ModelVersion,
          verdict: Type.Enum(['deployed', 'kept']),
          reason: nullable(Type.String()),
          deploymentId: nullable(Type.String()),
          decision: DecisionSchema,
          at: Instant,
        },
        { description: 'The gate’s last word, with its numbers.' },
      ),
    ),
    openAlerts: Type.Array(AlertSchema, { description: 'Alerts that were not resolved, oldest first.' }),
    settings: SettingsSchema,
    settingsSince: Instant,
    nextRetrain: nullable(Instant),
    facts: Type.Integer({ description: 'Facts that this follows from.' }),
  },
  {
    title: 'SiteAt',
    description: 'A site as it stood at an instant, from the log alone.',
    examples: [
      {
        ...{
          systemId: 'bess-456',
          time: '2026-01-07T13:00:00.000Z',
          status: 'registered',
          deviceId: 'dev-7c1d',
        },
        running: { deploymentId: 'b0f1c9a2-55b1-4f4e-8c0d-0f7f4a1f9f11', version: '1.2.0' },
        desired: { deploymentId: 'b0f1c9a2-55b1-4f4e-8c0d-0f7f4a1f9f11', version: '1.2.0' },
        ...{ previous: null, attempted: null, lastDecision: null, openAlerts: [] },
        settings: {
          ...{ zone: 'America/Sao_Paulo', ibgeCode: '3550308', tariff: 'verde', ratedKw: 500 },
          ...{ contract: null, target: null },
        },
        ...{ settingsSince: '2025-11-03T12:00:00Z', nextRetrain: '2026-01-12T06:00:00Z', facts: 412 },
      },
    ],
  },
);
