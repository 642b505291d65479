import type {
  Comparison,
  Decision,
  ErrorPoint,
  ErrorProfile,
  MemberOutcome,
  MetricsData,
} from '../../events/training-job.ts';
import type { Accuracy } from '../../events/values.ts';
import { percent, percentOrNull } from './percent.ts';

/** Figures as people read them: percent for every share, kW for RMSE. */

export const presentAccuracy = ({ mape, rmse }: Accuracy): Accuracy => ({ mape: percent(mape), rmse });

export const presentMetrics = (metrics: MetricsData): MetricsData => ({
  ...metrics,
  mape: percent(metrics.mape),
  wape: percent(metrics.wape),
  coverage90: percentOrNull(metrics.coverage90),
  mape24h: percent(metrics.mape24h),
  mape48h: percent(metrics.mape48h),
});

const presentErrorPoint = (point: ErrorPoint): ErrorPoint => ({ ...point, mape: percentOrNull(point.mape) });

export const presentErrorProfile = ({ byLead, byLocalHour }: ErrorProfile): ErrorProfile => ({
  byLead: byLead.map(presentErrorPoint),
  byLocalHour: byLocalHour.map(presentErrorPoint),
});

export const presentMember = (member: MemberOutcome): MemberOutcome => ({
  ...member,
  metrics: member.metrics === null ? null : presentMetrics(member.metrics),
});

export const presentComparison = (comparison: Comparison): Comparison => ({
  ...comparison,
  championMape: percentOrNull(comparison.championMape),
  challengerMape: percentOrNull(comparison.challengerMape),
  gain: percentOrNull(comparison.gain),
  gainLower90: percentOrNull(comparison.gainLower90),
  gainUpper90: percentOrNull(comparison.gainUpper90),
});

export const presentDecision = (decision: Decision): Decision => ({
  ...decision,
  target: percent(decision.target),
  minimumGain: percent(decision.minimumGain),
  challenger: percent(decision.challenger),
  seasonalNaive: percent(decision.seasonalNaive),
  comparison: decision.comparison === null ? null : presentComparison(decision.comparison),
});
