/**
 * Named conditions of a move. They are asked when a command is decided, never when a history is folded: a changed
 * threshold refuses new facts and breaks no replay. Pure, so that any instant of the past can be explained.
 */

/** What a guard looked at; `share` is a fraction, which people read as percent. */
export type GuardValue = string | number | boolean | null | { readonly share: number | null };

export interface Judgement {
  readonly holds: boolean;
  readonly values: Readonly<Record<string, GuardValue>>;
}

/** Judged by where the stream stands, so that it is known before the fact. */
interface StageGuard<Context> {
  readonly name: string;
  readonly needs: 'stage';
  readonly judge: (context: Context) => Judgement;
}

/** Judged by what the fact says. */
interface FactGuard<Context, Data> {
  readonly name: string;
  readonly needs: 'fact';
  readonly judge: (context: Context, data: Data) => Judgement;
  /** Other facts whose data says enough to tell by it why this one did not happen instead. */
  readonly alsoReads?: readonly string[];
}

export type Guard<Context, Data> = StageGuard<Context> | FactGuard<Context, Data>;

/** A guard with its answer; `holds` is null while only the fact itself could tell. */
export interface Condition {
  readonly name: string;
  readonly holds: boolean | null;
  readonly values: Readonly<Record<string, GuardValue>>;
}

interface SeenFact {
  readonly type: string;
  readonly data: unknown;
}

const open = (name: string): Condition => ({ name, holds: null, values: {} });

/** Answers of a move's guards, as far as the stage and a fact that happened can tell. */
export function judgeGuards(
  guards: readonly Guard<unknown, unknown>[],
  factType: string,
  context: unknown,
  seen: SeenFact | null,
): readonly Condition[] {
  return guards.map((guard) => {
    const { name } = guard;
    if (guard.needs === 'stage') return { name, ...guard.judge(context) };
    const tells = seen?.type === factType || guard.alsoReads?.includes(seen?.type ?? '') === true;
    return seen !== null && tells ? { name, ...guard.judge(context, seen.data) } : open(name);
  });
}

export const isRefusing = ({ holds }: Condition): boolean => holds === false;
