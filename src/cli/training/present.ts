import type { CleanedData } from '../../forecasting/cleaning/clean.ts';
import type { Verdict } from '../../forecasting/gate.ts';
import type { Place, SiteData } from '../input/site-data.ts';
import { RESULT_KIND } from '../output/folder.ts';
import { outside } from '../output/numbers.ts';
import { presentScores, type ScoreRow } from '../output/scores.ts';
import { verdictText } from '../output/verdict.ts';
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
export function scoreRows({ result, details }: Trained): ScoreRow[] {
  const weights = new Map(result.members.map(({ model, weight }) => [model, weight]));
  const rows = details.models.map(({ model, role, scores }): ScoreRow & { readonly role: string } => {
    if (role === 'chosen') return { model, scores, role, coverage: result.metrics.coverage90 };
    return { model, scores, role, ...(role === 'member' ? { weight: weights.get(model) ?? 0 } : {}) };
  });
  const members = rows
    .filter(({ role, model }) => role === 'member' && model !== rows[0]?.model)
    .sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0));
  return [
    ...rows.filter(({ role }) => role === 'chosen'),
    ...members,
    ...rows.filter(({ role }) => role === 'baseline'),
  ];
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
