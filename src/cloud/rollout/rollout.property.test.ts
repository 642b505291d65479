import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALLER } from '../../../test/cloud/cloud-on-memory.ts';
import { REQUEST, type RolloutFleet, RULES, rolloutFleet } from '../../../test/cloud/rollout-fleet.ts';
import type { RecordedFact } from '../../events/envelope.ts';
import type { RolloutFact } from '../../events/rollout.ts';
import { rollout } from '../../machines/rollout.ts';
import type { RolloutStage } from '../../machines/rollout-commands.ts';

/** Whatever devices answer and people do, at whatever moment: a rollout keeps to its stages and undoes what it did. */

const SITES = 6;
const STAGES = [{ sites: 1 }, { share: 0.5 }, { share: 1 }] as const;
const MINUTE_MS = 60_000;

const answers = fc.array(fc.constantFrom('active', 'rejected', 'rolledback', null), {
  minLength: SITES,
  maxLength: SITES,
});
const moves = fc.array(
  fc.record({
    after: fc.integer({ min: 3, max: 25 }),
    what: fc.constantFrom<Move>('pause', 'resume', 'abort'),
  }),
  { maxLength: 4 },
);

type Move = 'pause' | 'resume' | 'abort';

interface PlannedMove {
  readonly after: number;
  readonly what: Move;
}

const refusedMove = (error: Error): void => expect(error.message).toMatch(/not possible|fleet is stopped/);

/** A person's move; one that is not possible just now is refused, and changes nothing. */
async function move({ control }: RolloutFleet, rolloutId: string, what: Move): Promise<void> {
  if (what === 'resume') await control.resumeFleet(CALLER, 'looked into').catch(refusedMove);
  const act = { pause: control.pauseRollout, resume: control.resumeRollout, abort: control.abortRollout }[
    what
  ];
  await act(CALLER, rolloutId, 'as it pleases').catch(refusedMove);
}

const isOver = (state: string): boolean => state === 'completed' || state === 'aborted';

/** A person who acts when they planned to, and in the end sees to it that a paused rollout ends. */
function personOf(planned: readonly PlannedMove[], last: Move) {
  const waiting = [...planned];
  const nextOf = (facts: number): Move | undefined => {
    const due = (waiting[0]?.after ?? Number.POSITIVE_INFINITY) <= facts;
    return due ? waiting.shift()?.what : undefined;
  };
  return async (fleet: RolloutFleet, rolloutId: string): Promise<boolean> => {
    const { stage, facts } = await fleet.rolloutOf(rolloutId);
    const next = nextOf(facts.length);
    if (next !== undefined) await move(fleet, rolloutId, next);
    else if (stage.state === 'paused') await move(fleet, rolloutId, stage.context.turn > 6 ? 'abort' : last);
    return isOver(stage.state);
  };
}

/** The stages of the rollout after each of its facts. */
function stagesOf(
  facts: readonly RecordedFact[],
): readonly { fact: RolloutFact; before: RolloutStage; after: RolloutStage }[] {
  let before = rollout.initial;
  return facts.map(({ fact: recorded }) => {
    const fact = recorded as RolloutFact;
    const [after] = rollout.step(before, fact);
    const step = { fact, before, after };
    before = after;
    return step;
  });
}

function checkOffers({ fact, before, after }: ReturnType<typeof stagesOf>[number], atOnce: number): void {
  if (fact.type !== 'SitesOffered') return;
  expect(before.state).toBe('rolling');
  const offered = after.context.sites.filter(({ stage }) => stage !== null).length;
  expect(offered).toBeLessThanOrEqual(after.context.plan?.rules.stages[after.context.stage]?.upTo ?? 0);
  expect(after.context.sites.filter(({ status }) => status === 'offered').length).toBeLessThanOrEqual(atOnce);
}

/** What each site was offered by the rollout, in order. */
async function offersOf(
  { log }: RolloutFleet,
  rolloutId: string,
  systemId: string,
): Promise<readonly string[]> {
  const facts = await log.readSite({ systemId, types: ['DeploymentOffered'], until: new Date('2030-01-01') });
  return facts
    .map(({ fact }) => fact.data as { readonly version: string; readonly rolloutId?: string })
    .filter((offer) => offer.rolloutId === rolloutId)
    .map(({ version }) => version);
}

async function checkEnd(fleet: RolloutFleet, rolloutId: string): Promise<void> {
  const { stage } = await fleet.rolloutOf(rolloutId);
  for (const { systemId, status, revertId, stage: own } of stage.context.sites) {
    const offers = await offersOf(fleet, rolloutId, systemId);
    expect(offers).toEqual([...(own === null ? [] : ['1.1.0']), ...(revertId === null ? [] : ['1.0.0'])]);
    expect(['offered', 'reverting', 'shadowing']).not.toContain(status);
    if (stage.state === 'aborted') expect(status).not.toBe('active');
    expect(await fleet.log.lookup('rollout-site', systemId)).toBeNull();
  }
}

describe('a rollout, whatever happens', () => {
  it('never offers more than its stage has, nothing while paused, and takes back every updated site once', async () => {
    const thresholds = { ...RULES.thresholds, failures: 0.6 };
    const wishes = fc.record({
      ...{
        answers,
        moves,
        last: fc.constantFrom<Move>('resume', 'abort'),
        atOnce: fc.integer({ min: 1, max: 4 }),
      },
    });
    const property = fc.asyncProperty(wishes, async ({ answers: said, moves: planned, last, atOnce }) => {
      const fleet = await rolloutFleet(SITES);
      fleet.answers((systemId, version) =>
        version === '1.1.0' ? (said[fleet.sites.indexOf(systemId)] ?? null) : 'active',
      );
      const rolloutId = await fleet.start({
        ...REQUEST,
        stages: STAGES,
        rules: { ...RULES, atOnce, thresholds },
      });
      const act = personOf(planned, last);
      await fleet.live(async () => {
        fleet.passSiteTime(10 * MINUTE_MS);
        expect(await act(fleet, rolloutId)).toBe(true);
      });
      for (const step of stagesOf((await fleet.rolloutOf(rolloutId)).facts)) checkOffers(step, atOnce);
      await checkEnd(fleet, rolloutId);
    });
    await fc.assert(property, { numRuns: 25 });
  }, 60_000);
});
