/**
 * Work that a transition asks for: enqueued in the transaction that appends the facts, run at least once,
 * idempotent by its key `stream@version#index`, and answered by a command.
 */

/** `slow` effects (training) have their own places, so that they never hold quick ones. */
export const LANES = ['quick', 'slow'] as const;
export type Lane = (typeof LANES)[number];

/** When to run: at an instant of the site clock (deadlines), or after a time of the machine clock (reminders). */
export type Due =
  | { readonly clock: 'site'; readonly at: string }
  | { readonly clock: 'machine'; readonly afterMs: number };

export interface Effect<Type extends string = string, Data = unknown> {
  readonly type: Type;
  readonly data: Data;
  readonly lane: Lane;
  readonly due?: Due;
}

/** Key of the `index`-th effect requested by the fact at `version` of a stream. */
export const effectKey = (stream: string, version: number, index: number): string =>
  `${stream}@${version}#${index}`;

/** Version of the fact that asked for the effect, or for the one that it is a part of; null for a key of another form. */
export function causeVersion(key: string): number | null {
  const [, version] = /@(\d+)#/.exec(key) ?? [];
  return version === undefined ? null : Number(version);
}
