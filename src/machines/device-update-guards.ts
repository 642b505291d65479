import type { DeviceUpdateContext, InstalledModel } from './device-update-model.ts';
import type { Guard } from './guard.ts';

/** What must hold for the steps of an update; the device asks the same before it states a fact. */

type Context = DeviceUpdateContext;
interface OfAssignment {
  readonly assignment: number;
}

const versionOf = (model: InstalledModel | null) => model?.version ?? null;

export const isServing = ({ running }: Context, assignment: number): boolean =>
  running?.assignment === assignment;

export const isWatched = (context: Context, assignment: number): boolean =>
  isServing(context, assignment) && typeof context.running?.watchUntil === 'string';

/** What runs is past its watch, so that it will hardly be taken back. */
export const isForgettable = ({ running, previous }: Context, assignment: number): boolean =>
  previous?.assignment === assignment && running !== null && running.watchUntil === null;

export const isNewsOfWithdrawal = ({ attempt, floor }: Context, assignment: number): boolean =>
  attempt !== null || assignment > floor;

export const attemptAtWork: Guard<Context, unknown> = {
  name: 'attempt-at-work',
  needs: 'stage',
  judge: ({ attempt }) => ({ holds: attempt !== null, values: { attempt: attempt?.assignment ?? null } }),
};

export const modelServes: Guard<Context, unknown> = {
  name: 'model-serves',
  needs: 'stage',
  judge: ({ running }) => ({ holds: running !== null, values: { running: versionOf(running) } }),
};

export const ofWhatServes: Guard<Context, OfAssignment> = {
  name: 'of-what-serves',
  needs: 'fact',
  judge: (context, { assignment }) => ({
    holds: isServing(context, assignment),
    values: { assignment, serving: context.running?.assignment ?? null },
  }),
};

export const previousThere: Guard<Context, unknown> = {
  name: 'previous-there',
  needs: 'stage',
  judge: ({ previous }) => ({ holds: previous !== null, values: { previous: versionOf(previous) } }),
};

export const beingWatched: Guard<Context, unknown> = {
  name: 'being-watched',
  needs: 'stage',
  judge: ({ running }) => ({
    holds: running !== null && running.watchUntil !== null,
    values: { running: versionOf(running), watchUntil: running?.watchUntil ?? null },
  }),
};

export const watchOver: Guard<Context, unknown> = {
  name: 'watch-over',
  needs: 'stage',
  judge: ({ running }) => ({
    holds: running !== null && running.watchUntil === null,
    values: { running: versionOf(running), watchUntil: running?.watchUntil ?? null },
  }),
};

export const beingTakenBack: Guard<Context, unknown> = {
  name: 'being-taken-back',
  needs: 'stage',
  judge: ({ failure }) => ({
    holds: failure !== null,
    values: { failed: versionOf(failure?.model ?? null) },
  }),
};

export const newsOfWithdrawal: Guard<Context, OfAssignment> = {
  name: 'news-of-withdrawal',
  needs: 'fact',
  judge: (context, { assignment }) => ({
    holds: isNewsOfWithdrawal(context, assignment),
    values: { assignment, highest: context.floor, attempt: context.attempt?.assignment ?? null },
  }),
};
