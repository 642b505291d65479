import { presentEvidence } from '../../cloud/alerts/present.ts';
import type { AlertDocument } from '../../projections/alerts.ts';

/** An alert as lists show it. */
export function presentAlertRow({ tenant: _tenant, ...row }: AlertDocument) {
  return { ...row, priority: 'P4' as const, evidence: presentEvidence(row.evidence, row.rule) };
}
