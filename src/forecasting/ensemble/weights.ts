import type { MemberName } from '../models/member.ts';

/** What a model earned in the backtest so far: its mean squared error, in kW², on the same hours as the others. */
export interface Earned {
  readonly name: MemberName;
  readonly squaredError: number;
}

export type Weights = Readonly<Partial<Record<MemberName, number>>>;

/** Weights before anything is known; a model of prior 0 has to earn its place. */
const PRIORS: Readonly<Record<MemberName, number>> = {
  lstm: 0.4,
  xgboost: 0.35,
  prophet: 0.25,
  linear: 0,
  profile: 0,
  arima: 0,
};

/** Models that may take part; `documented` are those of the owner's document. */
export const ELIGIBLE: Readonly<Record<'all' | 'documented', readonly MemberName[]>> = {
  all: ['lstm', 'xgboost', 'prophet', 'linear', 'profile'],
  documented: ['lstm', 'xgboost', 'prophet'],
};

/** Backtest days after which the earned weights count as much as the priors. */
const HALF_EVIDENCE_DAYS = 1;

/** Trust in the earned weights after `days` of backtest: 0 without any, towards 1. */
export const evidence = (days: number): number => days / (days + HALF_EVIDENCE_DAYS);

function normalised(names: readonly MemberName[], value: (name: MemberName) => number): Weights {
  const total = names.reduce((sum, name) => sum + value(name), 0);
  // Members without any prior, linear and profile alone, share equally.
  return Object.fromEntries(names.map((name) => [name, total > 0 ? value(name) / total : 1 / names.length]));
}

/**
 * w = (1 − λ)·prior + λ·earned over `names`, not negative, sum 1: `earned` is the normalised inverse squared
 * error of `days` of backtest, λ = {@link evidence}. With no days the weights are exactly the priors,
 * renormalised over the models there are.
 */
export function ensembleWeights(
  names: readonly MemberName[],
  earned: readonly Earned[],
  days: number,
): Weights {
  const prior = normalised(names, (name) => PRIORS[name]);
  const byMerit = normalised(names, merits(earned));
  const trust = evidence(days);
  return Object.fromEntries(
    names.map((name) => [name, (1 - trust) * (prior[name] ?? 0) + trust * (byMerit[name] ?? 0)]),
  );
}

/** Inverse squared error, relative to the worst; a model that was never wrong must not divide by zero. */
function merits(earned: readonly Earned[]): (name: MemberName) => number {
  const errors = new Map(earned.map(({ name, squaredError }) => [name, squaredError]));
  const worst = Math.max(...errors.values(), 0);
  const least = worst * 1e-9;
  // Zero too where the worst is next to nothing.
  return (name) => (least === 0 ? 1 : worst / Math.max(errors.get(name) ?? worst, least));
}
