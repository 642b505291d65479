import type { EffectAnswer } from '../../actors/effect-handler.ts';
import { PublishTimeout } from '../../ports/retained-publisher.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { TargetNotSigned } from '../desired-state.ts';

const LOOK_AGAIN_MS = 5_000;
/** The signer takes a moment, and its answer is not told. */
const SIGNED_BY_MS = 300;

/**
 * Publishes when the broker is there and what is offered is signed. An outage is no failure of the work: it waits, uses up none of its tries, and
 * holds no place that other effects need.
 */
export async function whenConnected(
  { link }: Pick<CloudDependencies, 'link'>,
  publish: () => Promise<void>,
): Promise<EffectAnswer> {
  if (!link.connected()) return { kind: 'again', afterMs: LOOK_AGAIN_MS };
  try {
    await publish();
    return { kind: 'done' };
  } catch (error) {
    if (error instanceof PublishTimeout) return { kind: 'again', afterMs: LOOK_AGAIN_MS };
    if (error instanceof TargetNotSigned) return { kind: 'again', afterMs: SIGNED_BY_MS };
    throw error;
  }
}
