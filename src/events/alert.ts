import Type, { type Static } from 'typebox';
import { type FactOf, firstVersion } from './envelope.ts';
import { EventFlag } from './site.ts';
import { described, Instant, LocalDate, nullable, OpaqueId, SystemId } from './values.ts';

/** Facts of an alert about a site's forecasts, stream `alert-{alertId}`. Shares are fractions, power in kW. */

const closed = { additionalProperties: false } as const;

/** What is watched; at most one alert of a site and rule is open. */
export const ALERT_RULES = ['daily-mape', 'weekly-rmse', 'hour-errors', 'wrong-unit'] as const;
export type AlertRule = (typeof ALERT_RULES)[number];
export const AlertRuleSchema = Type.Enum([...ALERT_RULES]);

/** What an operator is advised to do. */
const ACTIONS = [
  'check-load-profile',
  'retrain-on-recent-data',
  'add-event-flag',
  'check-meter-unit',
] as const;

const Evidence = described(
  Type.Object(
    {
      limit: Type.Number(),
      days: described(
        Type.Array(
          Type.Object(
            { day: LocalDate, error: nullable(Type.Number()), rmseKw: nullable(Type.Number()) },
            closed,
          ),
          { maxItems: 14 },
        ),
        'Days that count, the error of each, and its RMSE.',
      ),
      hours: described(
        Type.Array(
          Type.Object(
            {
              hour: Type.Integer({ minimum: 0, maximum: 23 }),
              error: Type.Number(),
              days: Type.Integer({ minimum: 0 }),
            },
            closed,
          ),
          { maxItems: 24 },
        ),
        'Local hours that are wrong again and again: their error, and on how many days.',
      ),
      weeks: described(
        nullable(
          Type.Object(
            {
              rmseKw: Type.Number(),
              meanKw: Type.Number(),
              rmseBeforeKw: Type.Number(),
              meanBeforeKw: Type.Number(),
            },
            closed,
          ),
        ),
        'RMSE and mean load of the last seven days and of the seven before.',
      ),
      suspectHours: described(
        Type.Integer({ minimum: 0 }),
        'Hours of the last day that were measured in another unit.',
      ),
    },
    closed,
  ),
  'The figures that a rule was judged by, with the limit that it was held against.',
);
export type Evidence = Static<typeof Evidence>;

export const alertFacts = {
  AlertOpened: firstVersion(
    'A rule fired on the site’s last days.',
    Type.Object(
      {
        alertId: OpaqueId,
        systemId: SystemId,
        tenant: OpaqueId,
        rule: AlertRuleSchema,
        day: described(LocalDate, 'The local day whose scores opened it.'),
        evidence: Evidence,
        actions: Type.Array(Type.Enum([...ACTIONS]), { minItems: 1, maxItems: 4 }),
        proposedFlag: described(nullable(EventFlag), 'To be accepted by one call.'),
      },
      closed,
    ),
  ),
  AlertAcknowledged: firstVersion(
    'Somebody looks after the alert.',
    Type.Object({ note: Type.String({ maxLength: 500 }) }, closed),
  ),
  AlertRetrainStarted: firstVersion(
    'The alert’s own retrain on recent data; `at` is the site clock’s instant, from which the cool-down counts.',
    Type.Object({ jobId: OpaqueId, at: Instant }, closed),
  ),
  ProposedFlagAccepted: firstVersion(
    'The proposed event flag is now the site’s.',
    Type.Object({ label: Type.String({ maxLength: 60 }) }, closed),
  ),
  AlertResolved: firstVersion(
    'The alert is over.',
    Type.Object({ reason: Type.Enum(['recovered', 'site-gone']), day: nullable(LocalDate) }, closed),
  ),
};

export type AlertFact = FactOf<typeof alertFacts>;
export type OpenedAlert = Extract<AlertFact, { type: 'AlertOpened' }>['data'];
