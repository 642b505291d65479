import { type AlertFact, alertFacts } from '../events/alert.ts';
import type { DeploymentFact } from '../events/deployment.ts';
import { deploymentFacts } from '../events/deployment.ts';
import type { RecordedFact, SequencedFact } from '../events/envelope.ts';
import { type SiteFact, type SiteSettings, siteFacts } from '../events/site.ts';
import { parseStreamId } from '../events/stream-id.ts';
import type { Decision, TrainingJobFact } from '../events/training-job.ts';
import { type AlertDocument, alertsProjection } from './alerts.ts';
import type { SiteDocument } from './documents.ts';
import type { ReadDocument } from './projection.ts';
import { sitesProjection } from './sites.ts';

/** The gate's last word on a site. */
export interface LastDecision {
  readonly jobId: string;
  readonly version: string;
  readonly verdict: 'deployed' | 'kept';
  /** Why it was kept. */
  readonly reason: string | null;
  readonly deploymentId: string | null;
  readonly decision: Decision;
  readonly at: string;
}

/** A site as it stood after its facts. */
export interface SiteAt {
  readonly site: SiteDocument;
  readonly settings: SiteSettings;
  /** When these settings were given. */
  readonly settingsSince: string;
  readonly lastDecision: LastDecision | null;
  /** Alerts that were not resolved, in the order in which they opened. */
  readonly openAlerts: readonly AlertDocument[];
  /** Facts that were folded. */
  readonly facts: number;
}

/** Types of the facts that {@link foldSite} goes by. */
export const SITE_FACT_TYPES: readonly string[] = [
  ...Object.keys(siteFacts),
  ...Object.keys(deploymentFacts),
  ...Object.keys(alertFacts),
  'JobDeployed',
  'JobKept',
];

type Known = SiteFact | DeploymentFact | TrainingJobFact | AlertFact;
/** Columns of lists, which no fold reads. */
const NO_COLUMNS = { tenant: '', systemId: null, status: null, sortAt: '' } as const;

type Folded = Omit<SiteAt, 'site' | 'settings'> & {
  readonly document: ReadDocument<SiteDocument> | null;
  readonly settings: SiteSettings | null;
};

function settingsIn(fact: Known, at: string): Partial<Folded> {
  const given = fact.type === 'SiteRegistered' || fact.type === 'SiteChanged';
  return given ? { settings: fact.data.settings, settingsSince: at } : {};
}

function decisionAfter({ lastDecision }: Folded, fact: Known, { streamId, metadata }: RecordedFact) {
  const jobId = parseStreamId(streamId)?.id ?? '';
  if (fact.type === 'JobDeployed') {
    const { version, deploymentId, decision } = fact.data;
    return {
      jobId,
      version,
      verdict: 'deployed',
      reason: null,
      deploymentId,
      decision,
      at: metadata.at,
    } as const;
  }
  if (fact.type !== 'JobKept') return lastDecision;
  const { version, reason, decision } = fact.data;
  return { jobId, version, verdict: 'kept', reason, deploymentId: null, decision, at: metadata.at } as const;
}

function alertsAfter({ openAlerts }: Folded, sequenced: SequencedFact): readonly AlertDocument[] {
  const [alertId] = alertsProjection.keysOf(sequenced);
  if (alertId === undefined) return openAlerts;
  const doc = openAlerts.find((alert) => alert.alertId === alertId);
  const before = doc === undefined ? undefined : { ...NO_COLUMNS, key: alertId, doc };
  const after = alertsProjection.apply(before, sequenced, alertId, undefined)?.doc;
  const others = openAlerts.filter((alert) => alert.alertId !== alertId);
  return after === undefined || after.status === 'resolved' ? others : [...others, after];
}

function next(folded: Folded, recorded: RecordedFact): Folded {
  // The log checked the fact against the schemas of its stream.
  const fact = recorded.fact as Known;
  const { at } = recorded.metadata;
  const sequenced = { ...recorded, seq: 0 };
  const [key] = sitesProjection.keysOf(sequenced);
  const before = folded.document ?? undefined;
  return {
    ...folded,
    ...settingsIn(fact, at),
    document: key === undefined ? folded.document : sitesProjection.apply(before, sequenced, key, undefined),
    lastDecision: decisionAfter(folded, fact, recorded),
    openAlerts: alertsAfter(folded, sequenced),
    facts: folded.facts + 1,
  };
}

/** The site after these facts of its streams, in the order of the feed; null before it was registered. */
export function foldSite(facts: readonly RecordedFact[]): SiteAt | null {
  const start: Folded = {
    document: null,
    settings: null,
    settingsSince: '',
    lastDecision: null,
    openAlerts: [],
    facts: 0,
  };
  const { document, settings, ...rest } = facts.reduce(next, start);
  if (document === null || settings === null) return null;
  const openAlerts = rest.openAlerts.toSorted((a, b) => (a.openedAt < b.openedAt ? -1 : 1));
  return { site: document.doc, settings, ...rest, openAlerts };
}
