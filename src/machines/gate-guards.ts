import type { Decision } from '../events/training-job.ts';
import type { Guard, GuardValue, Judgement } from './guard.ts';

/**
 * What must hold for a model to be deployed, by the numbers that the fact carries: the gate judged them with the
 * thresholds of its day, and a fact that its own numbers do not bear out is refused. Keeping a model needs no leave.
 */

interface Decided {
  readonly decision: Decision;
}
type GateGuard = Guard<unknown, Decided>;

/** Reasons to keep a model that no number of the decision shows. */
const OBSTACLES: ReadonlySet<string> = new Set([
  'champion-changed',
  'no-device',
  'site-gone',
  'held-for-rollout',
]);

/** A job that was kept shows by its decision which of these did not hold. */
const gateGuard = (name: string, judge: (decision: Decision) => Judgement): GateGuard => ({
  name,
  needs: 'fact',
  judge: (_, { decision }) => judge(decision),
  alsoReads: ['JobKept'],
});

const share = (value: number | null): GuardValue => ({ share: value });

/** The comparison with the champion holds where there is none to be made. */
function againstChampion(
  { forced, comparison }: Decision,
  judge: (comparison: NonNullable<Decision['comparison']>) => Judgement,
): Judgement {
  if (forced) return { holds: true, values: { skipped: 'on-request' } };
  if (comparison === null) return { holds: true, values: { skipped: 'no-champion' } };
  return judge(comparison);
}

const belowTarget = gateGuard('below-target', ({ challenger, target }) => ({
  holds: challenger < target,
  values: { challenger: share(challenger), target: share(target) },
}));

const betterThanNaive = gateGuard('better-than-naive', ({ challenger, seasonalNaive }) => ({
  holds: challenger < seasonalNaive,
  values: { challenger: share(challenger), seasonalNaive: share(seasonalNaive) },
}));

const enoughUnseenDays = gateGuard('enough-unseen-days', (decision) =>
  againstChampion(decision, ({ unseenDays }) => ({
    holds: unseenDays >= decision.minimumUnseenDays,
    values: { unseenDays, minimumUnseenDays: decision.minimumUnseenDays },
  })),
);

const betterThanChampion = gateGuard('better-than-champion', (decision) =>
  againstChampion(decision, ({ gain, championMape, challengerMape }) => ({
    holds: (gain ?? 0) > decision.minimumGain,
    values: {
      ...{ champion: share(championMape), challenger: share(challengerMape) },
      ...{ gain: share(gain), minimumGain: share(decision.minimumGain) },
    },
  })),
);

const noObstacle: Guard<unknown, Decided & { readonly reason?: string }> = {
  name: 'no-obstacle',
  needs: 'fact',
  judge: (_, { reason = null }) => {
    const obstacle = reason !== null && OBSTACLES.has(reason) ? reason : null;
    return { holds: obstacle === null, values: { obstacle } };
  },
  alsoReads: ['JobKept'],
};

export const deployGuards = [belowTarget, betterThanNaive, enoughUnseenDays, betterThanChampion, noObstacle];
