import type { Evidence } from '../../events/alert.ts';
import { type LoadedAlert, openedAlert } from './open-alerts.ts';

/** Alerts as the outside sees them: shares in percent. */

const percent = (share: number): number => Math.round(share * 10_000) / 100;

/** The limit of a wrong unit is a factor, all others are shares. */
export function presentEvidence(evidence: Evidence, rule: string): Evidence {
  return {
    ...evidence,
    limit: rule === 'wrong-unit' ? evidence.limit : percent(evidence.limit),
    days: evidence.days.map((day) => ({ ...day, error: day.error === null ? null : percent(day.error) })),
    hours: evidence.hours.map((hour) => ({ ...hour, error: percent(hour.error) })),
  };
}

export function presentAlert(loaded: LoadedAlert) {
  const { alertId, systemId, rule, day, evidence, actions, proposedFlag } = openedAlert(loaded);
  const { retrainJobId, acceptedFlag } = loaded.stage.context;
  return {
    ...{ alertId, systemId, rule, status: loaded.stage.state, day },
    priority: 'P4' as const,
    evidence: presentEvidence(evidence, rule),
    ...{ actions, proposedFlag, acceptedFlag, retrainJobId },
    openedAt: loaded.facts.at(0)?.metadata.at ?? '',
    updatedAt: loaded.facts.at(-1)?.metadata.at ?? '',
  };
}
