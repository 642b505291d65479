import type { Models } from '../ensemble/combine.ts';
import type { Polynomials } from './arima/model.ts';
import { arima } from './arima-member.ts';
import { type LinearState, linear } from './linear.ts';
import { type LstmState, lstm } from './lstm-member.ts';
import type { FitOptions, FittedModel, Member, MemberName, TrainingRows } from './member.ts';
import { type ProfileState, profile } from './profile.ts';
import { type ProphetState, prophet } from './prophet-member.ts';
import { type XgboostState, xgboost } from './xgboost-member.ts';

/** What each model learns. */
interface StateByName {
  readonly linear: LinearState;
  readonly lstm: LstmState;
  readonly xgboost: XgboostState;
  readonly prophet: ProphetState;
  readonly profile: ProfileState;
  readonly arima: Polynomials;
}

/** Fitted models as plain data, which any process can {@link restoreModels | restore}. */
export type MemberStates = Readonly<Partial<StateByName>>;

const MEMBERS: { readonly [Name in MemberName]: Member<StateByName[Name], LinearState> } = {
  linear,
  lstm,
  xgboost,
  prophet,
  profile,
  arima,
};

/** Fits one model. Rejects when the rows cannot be learnt from, or with the signal's reason. */
export const fitMember = <Name extends MemberName>(
  name: Name,
  rows: TrainingRows,
  options: FitOptions<StateByName[Name], LinearState>,
): Promise<StateByName[Name]> => MEMBERS[name].fit(rows, options);

function restoreMember<Name extends MemberName>(name: Name, states: MemberStates): FittedModel | null {
  const state = states[name];
  return state === undefined ? null : MEMBERS[name].restore(state);
}

/** The models of the states, which forecast as they did where they were fitted. */
export function restoreModels(states: MemberStates): Models {
  const names = Object.keys(states) as MemberName[];
  return Object.fromEntries(
    names.flatMap((name) => {
      const model = restoreMember(name, states);
      return model === null ? [] : [[name, model]];
    }),
  );
}
