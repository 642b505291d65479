import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { CALLER, type CloudOnMemory, cloudOnMemory, SITE } from '../../../test/cloud/cloud-on-memory.ts';
import { journalOf } from '../../../test/edge/journal-facts.ts';
import type { TravellingFact } from '../../ota/journal.ts';
import { listDeviceJournals } from '../device-journals.ts';
import { FACTS_A_DAY } from './journal-quota.ts';

let world: CloudOnMemory;
let deviceId: string;
let installationId: string;

beforeEach(async () => {
  world = await cloudOnMemory();
  deviceId = await world.site();
  installationId = randomUUID();
});

let messages = 0;
const say = (facts: readonly TravellingFact[], over: Record<string, unknown> = {}) =>
  world.say('journal', { messageId: `j-${++messages}`, deviceId, installationId, facts, ...over });
const stream = () => `device-journal-${deviceId}-${installationId}`;
const copied = async () => (await world.log.readStream(stream())).map(({ eventId }) => eventId);
const idsOf = (facts: readonly TravellingFact[]) => facts.map(({ eventId }) => eventId);
const told = () => world.retained.get(`copied/${SITE}`);

describe('a device’s journal', () => {
  it('is copied as it was written, under its device, site and deployment, and the device is told', async () => {
    const facts = journalOf(1);
    await say(facts);
    const recorded = await world.log.readStream(stream());
    expect(recorded.map(({ fact }) => fact.type)).toEqual(facts.map(({ type }) => type));
    expect(recorded[0]).toMatchObject({
      eventId: facts[0]?.eventId,
      metadata: {
        ...{ actor: deviceId, tenant: 'acme', systemId: SITE, correlationId: 'dep-1' },
        ...{ machine: 'device-update@1', at: facts[0]?.at },
      },
    });
    expect(new Set(recorded.map(({ metadata }) => metadata.correlationId))).toEqual(new Set(['dep-1']));
    expect(told()).toEqual({ deviceId, installationId, version: 6 });
    expect(await listDeviceJournals(world.log, SITE)).toMatchObject([
      { deviceId, installationId, streamId: stream(), facts: 6, quota: { used: 26, held: 0 } },
    ]);
  });

  it('is whole and in order once, whatever parts of it are lost, doubled and overtaken', async () => {
    const facts = journalOf(3);
    const part = fc.tuple(fc.integer({ min: 0, max: 17 }), fc.integer({ min: 1, max: 18 }));
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 12 }), async (parts) => {
        world = await cloudOnMemory();
        deviceId = await world.site();
        for (const [from, length] of parts) await say(facts.slice(from, from + length));
        const so = await copied();
        expect(so).toEqual(idsOf(facts).slice(0, so.length));
        // From wherever the copy stands, as the device does when it is told.
        await say(facts.slice(Number(told()?.['version'] ?? 0)).slice(0, 18));
        await say(facts);
        expect(await copied()).toEqual(idsOf(facts));
      }),
      { numRuns: 40 },
    );
  });

  it('says where to go on after a gap, and is no refusal to the device', async () => {
    await say(journalOf(2).slice(6));
    expect(world.refusals).toEqual(['journal-gap']);
    expect(told()).toEqual({ deviceId, installationId, version: 0 });
    expect(await copied()).toEqual([]);
  });

  it('begins anew with another installation, and both stay', async () => {
    await say(journalOf(1));
    await say(journalOf(1), { installationId: randomUUID() });
    expect((await listDeviceJournals(world.log, SITE)).map(({ facts }) => facts)).toEqual([6, 6]);
    expect(world.refusals).toEqual([]);
  });

  it('is never overwritten by another history of the same installation', async () => {
    const facts = journalOf(1);
    await say(facts);
    await say(journalOf(2).slice(0, 8));
    expect(world.refusals).toEqual(['journal-conflict']);
    expect(told()).toMatchObject({ version: 6, refused: { refusal: 'journal-conflict' } });
    expect(await copied()).toEqual(idsOf(facts));
  });

  it('does not take ids that stand elsewhere in the log for its own', async () => {
    const facts = journalOf(1);
    await say(facts);
    await say(facts, { installationId: randomUUID() });
    expect(world.refusals).toEqual(['journal-conflict']);
    expect(told()).toMatchObject({ version: 0 });
  });

  it.each([
    ['a fact of an unknown type', { type: 'ModelPraised' }],
    ['a fact whose data does not fit', { data: { bytes: 'many' } }],
    ['a fact of a schema that is not known yet', { schema: 2 }],
    [
      'a fact that cannot follow',
      { type: 'ModelProven', data: { inferenceMs: 1, watchUntil: '2026-01-06T06:00:00Z' } },
    ],
  ])('is copied up to %s, and the device is told why not further', async (_name, change) => {
    const facts = journalOf(1).map((fact, i) => (i === 1 ? { ...fact, ...change } : fact));
    await say(facts);
    expect(world.refusals).toEqual(['journal-unfit']);
    expect(await copied()).toEqual(idsOf(facts.slice(0, 1)));
    expect(told()).toMatchObject({ version: 1, refused: { refusal: 'journal-unfit' } });
  });

  it.each([
    ['facts that do not follow each other', () => ({ facts: journalOf(1).filter((_, i) => i !== 2) })],
    ['an installation that is no uuid', () => ({ installationId: '1-and-more' })],
    ['no facts', () => ({ facts: [] })],
  ])('is refused with %s', async (_name, over) => {
    await say(journalOf(1), over());
    expect(world.refusals).toEqual(['malformed']);
    expect(await copied()).toEqual([]);
  });

  it('is refused from a device that is not the site’s, or was revoked', async () => {
    await say(journalOf(1), { deviceId: 'dev-elsewhere' });
    await world.control.revokeDevice(CALLER, deviceId, 'stolen');
    await say(journalOf(1));
    expect(world.refusals).toEqual(['foreign-device', 'foreign-device']);
    expect(await copied()).toEqual([]);
    expect(told()).toBeUndefined();
  });

  it('waits for another day beyond its quota, counted, and is not lost', async () => {
    const facts = journalOf(90);
    const used = FACTS_A_DAY - 20;
    for (let at = 0; at < used; at += 50) await say(facts.slice(at, at + 50));
    expect(await copied()).toHaveLength(used);
    expect(world.refusals).toContain('journal-quota');
    expect(told()).toMatchObject({ version: used, refused: { refusal: 'journal-quota' } });
    await say(facts.slice(used, used + 50));
    expect((await listDeviceJournals(world.log, SITE))[0]?.quota).toMatchObject({
      ...{ used: FACTS_A_DAY, held: 50, limit: FACTS_A_DAY },
    });
    world.passTime(24 * 3_600_000);
    await say(facts.slice(used, used + 50));
    expect(await copied()).toHaveLength(used + 50);
    expect(told()).toEqual({ deviceId, installationId, version: used + 50 });
  });
});
