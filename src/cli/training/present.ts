import { basename } from 'node:path';
import type { CleanedData } from '../../forecasting/cleaning/clean.ts';
import type { Verdict } from '../../forecasting/gate.ts';
import type { ModelRow } from '../../report/sections/models.ts';
import type { TrainingReport } from '../../report/training-report.ts';
import { verdictText } from '../../report/verdict.ts';
import type { Place, SiteData } from '../input/site-data.ts';
import { RESULT_KIND } from '../output/folder.ts';
import { outside } from '../output/numbers.ts';
import { presentScores } from '../output/scores.ts';
import type { Trained, Wish } from './job.ts';

/** All that a run knows at its end. */
export interface Run {
  readonly wish: Wish;
  readonly data: SiteData;
  readonly place: Place;
  readonly cleaned: CleanedData;
  readonly trained: Trained;
}

/** Rows of the table of models: what was chosen, the job's models by weight, and what a model must beat. */
export function scoreRows({ result, details }: Trained): ModelRow[] {
  const weights = new Map(result.members.map(({ model, weight }) => [model, weight]));
  const rows = details.models.map((named): ModelRow => {
    if (named.role === 'chosen') return { ...named, coverage: result.metrics.coverage90 };
    return named.role === 'member' ? { ...named, weight: weights.get(named.model) ?? 0 } : named;
  });
  const ofRole = (role: ModelRow['role']): ModelRow[] => rows.filter((row) => row.role === role);
  const [chosen] = ofRole('chosen');
  const members = ofRole('member')
    // A single model that was chosen is in its own row already.
    .filter(({ model }) => model !== chosen?.model)
    .sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0));
  return [...ofRole('chosen'), ...members, ...ofRole('baseline')];
}

/** What reading and cleaning found, for people. */
const findingsOf = ({ data, cleaned }: Pick<Run, 'data' | 'cleaned'>): string[] => [
  ...data.notes,
  ...cleaned.report.findings.map(({ message }) => message),
];

/** What the report shows of a run. */
export function reportOf(run: Run): TrainingReport {
  const { wish, data, place, cleaned, trained } = run;
  const { result, details, verdict, importance, dataHash, artifactHash } = trained;
  const municipality = place.ibgeCode === null ? '' : `, municipality ${place.ibgeCode}`;
  const failed = result.members.filter(({ outcome }) => outcome !== 'trained');
  return {
    ...wish,
    place: `${place.zone}${municipality}`,
    calendar: place.calendar,
    source: basename(data.path),
    window: cleaned.report,
    findings: findingsOf(run),
    metrics: result.metrics,
    models: scoreRows(trained),
    failures: failed.map(({ model, reason }) => ({ model, reason: reason ?? 'no reason given' })),
    ...{ verdict, details, importance, dataHash, artifactHash },
    artifactBytes: result.artifact.length,
    cpuSeconds: result.cpuSeconds,
  };
}

const instant = (ms: number): string => new Date(ms).toISOString();

function presentDecision({ reason, decision }: Verdict) {
  return {
    deploy: reason === null,
    reason,
    text: verdictText({ reason, decision }),
    metric: decision.metric,
    target: outside(decision.target),
    challenger: outside(decision.challenger),
    seasonalNaive: outside(decision.seasonalNaive),
  };
}

/** What `result.json` holds and `--json` prints; shares in percent, loads in kW. */
export function presentRun({ wish, data, place, cleaned, trained }: Run, files: readonly string[]) {
  const { report, warmupHours } = cleaned;
  const { result, verdict, importance, dataHash, artifactHash } = trained;
  return {
    kind: RESULT_KIND,
    ...wish,
    zone: place.zone,
    ibgeCode: place.ibgeCode,
    holidays: place.imported,
    data: {
      file: data.path,
      rows: data.rows,
      cadenceMinutes: data.cadenceMinutes,
      from: instant(report.from),
      to: instant(report.to),
      hours: report.hours,
      warmupHours,
      filledHours: report.filledHours,
      missingHours: report.missingHours,
      hash: dataHash,
      notes: data.notes,
      findings: report.findings,
    },
    artifact: { checksum: artifactHash, size: result.artifact.length, layoutVersion: result.layoutVersion },
    models: scoreRows(trained).map(({ model, scores, weight, coverage }) => ({
      model,
      ...(weight === undefined ? {} : { weight }),
      ...(coverage === undefined ? {} : { coverage90: outside(coverage) }),
      ...presentScores(scores),
    })),
    failures: result.members
      .filter(({ outcome }) => outcome !== 'trained')
      .map(({ model, reason }) => ({ model, reason })),
    decision: presentDecision(verdict),
    importance: importance.map(({ group, increase }) => ({ group, wapeIncrease: outside(increase) })),
    cpuSeconds: Math.round(result.cpuSeconds * 10) / 10,
    files,
  };
}
