import type { RolloutCounts, RolloutRow } from '../../src/client/api.ts';
import { sayRollout } from '../words/rollouts.ts';

const STANDINGS = [
  ...(['active', 'offered', 'waiting', 'failed', 'expired', 'superseded', 'heldBack', 'skipped'] as const),
  ...(['reverting', 'reverted', 'notReverted'] as const),
];

/** Sites that nothing more happens to by themselves. */
const settled = ({ waiting, offered, reverting }: RolloutCounts, sites: number): number =>
  sites - waiting - offered - reverting;

/** How far a rollout is, as a bar and in words. */
export function RolloutProgress({ rollout }: { rollout: Pick<RolloutRow, 'counts' | 'sites'> }) {
  const { counts, sites } = rollout;
  const label = sayRollout('settled', { done: settled(counts, sites), n: sites });
  return (
    <>
      <progress max={sites} value={settled(counts, sites)} aria-label={label} />
      <span class="hint">
        {STANDINGS.filter((standing) => counts[standing] > 0)
          .map((standing) => `${counts[standing]} ${sayRollout(standing)}`)
          .join(', ')}
      </span>
    </>
  );
}
