import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DeviceStore, JournalConflict, type JournalFact } from '../../ports/device-store.ts';
import { DeviceStoreUnusable, openDeviceStore, openOrBeginAnew } from './device-store.ts';

let folder: string;
let store: DeviceStore;
const file = () => join(folder, 'state', 'device.sqlite');

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'device-store-'));
  store = openDeviceStore(file());
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true });
});
const reopen = () => {
  store.close();
  store = openDeviceStore(file());
};

const at = '2026-01-05T06:00:00Z';
const fact = (version: number): JournalFact => ({
  version,
  eventId: `e-${version}`,
  fact: { type: 'WatchPassed', data: { assignment: version } },
  machine: 'device-update@1',
  schema: 1,
  at,
});
const effect = (n: number) => ({
  key: `s@${n}#0`,
  eventId: `e-${n}`,
  at,
  effect: { type: 'send-answer', data: { n }, lane: 'quick' as const },
});
const ack = (messageId: string, assignment: number) => ({
  messageId,
  kind: 'ack' as const,
  assignment,
  payload: new TextEncoder().encode(messageId),
});

describe('device store', () => {
  it('keeps facts, pending effects and messages of a commit together, over a restart', () => {
    store.commit({ expectedVersion: 0, facts: [fact(1)], effects: [effect(1)] });
    expect(store.beginEffect('s@1#0')).toBe(1);
    const installation = store.installationId;
    reopen();
    expect(store.installationId).toBe(installation);
    expect(store.journal()).toEqual([fact(1)]);
    expect(store.pendingEffects()).toEqual([{ ...effect(1), attempts: 1 }]);
    store.commit({
      expectedVersion: 1,
      facts: [fact(2)],
      effects: [],
      completes: 's@1#0',
      messages: [ack('m-1', 1)],
    });
    reopen();
    expect(store.pendingEffects()).toEqual([]);
    expect(store.unsent('ack', 10).map(({ messageId }) => messageId)).toEqual(['m-1']);
  });

  it('writes nothing of a commit that does not fit', () => {
    store.commit({ expectedVersion: 0, facts: [fact(1)], effects: [effect(1)] });
    expect(() =>
      store.commit({ expectedVersion: 0, facts: [fact(2)], effects: [], completes: 's@1#0' }),
    ).toThrow(JournalConflict);
    const twice = { expectedVersion: 1, facts: [fact(2)], effects: [effect(1)], messages: [ack('m', 1)] };
    expect(() => store.commit(twice)).toThrow();
    expect(store.journal()).toHaveLength(1);
    expect(store.pendingEffects()).toHaveLength(1);
    expect(store.unsent('ack', 10)).toEqual([]);
  });

  it('sends an ack again under the id it had', () => {
    store.enqueue(ack('m-1', 1));
    store.enqueue(ack('m-1', 1));
    store.enqueue(ack('m-2', 1));
    for (const { messageId } of store.unsent('ack', 10)) store.markSent(messageId);
    expect(store.unsent('ack', 10)).toEqual([]);
    expect(store.answerAgain(2)).toBe(false);
    expect(store.answerAgain(1)).toBe(true);
    expect(store.unsent('ack', 10)).toMatchObject([{ messageId: 'm-2', assignment: 1 }]);
  });

  it('bounds what waits to be sent, oldest out', () => {
    for (const n of [1, 2, 3, 4])
      store.enqueue({
        messageId: `f-${n}`,
        kind: 'forecast',
        assignment: null,
        payload: new Uint8Array([n]),
      });
    store.markSent('f-4');
    expect(store.trimOutbox('forecast', 2)).toBe(1);
    expect(store.unsent('forecast', 10).map(({ payload }) => payload[0])).toEqual([2, 3]);
    expect(store.trimOutbox('forecast', 2)).toBe(0);
  });

  it('merges readings by column and reports what is new only', () => {
    const hour = '2026-01-05T06:00:00Z';
    const next = '2026-01-05T07:00:00Z';
    expect(store.saveReadings([{ hour, loadKw: 10 }])).toBe(1);
    expect(store.saveReadings([{ hour, loadKw: 10 }])).toBe(0);
    expect(store.saveReadings([{ hour, temperatureC: 20 }])).toBe(1);
    const before = store.unreportedReadings(10);
    expect(before).toEqual([{ hour, loadKw: 10, temperatureC: 20 }]);
    store.saveReadings([{ hour, loadKw: 11 }]);
    store.markReported(before);
    expect(store.unreportedReadings(10)).toEqual([{ hour, loadKw: 11, temperatureC: 20 }]);
    store.markReported(store.unreportedReadings(10));
    expect(store.unreportedReadings(10)).toEqual([]);

    expect(
      store.fillReadings([
        { hour, loadKw: 99, pvKw: 3 },
        { hour: next, loadKw: 12 },
      ]),
    ).toBe(2);
    expect(store.readings(new Date(hour), new Date('2026-01-05T08:00:00Z'))).toEqual([
      { hour, loadKw: 11, temperatureC: 20, pvKw: 3 },
      { hour: next, loadKw: 12 },
    ]);
    expect(store.unreportedReadings(10)).toEqual([]);
    store.saveReadings([{ hour, loadKw: 1 }]);
    expect(store.forgetReadings(new Date(next))).toBe(1);
    expect(store.readings(new Date(0), new Date(next))).toEqual([]);
  });

  it('keeps samples by beginning and width, also where an older program made the store', () => {
    const older = join(folder, 'older.sqlite');
    openDeviceStore(older).close();
    const database = new DatabaseSync(older);
    database.exec('DROP TABLE sample; PRAGMA user_version = 1');
    database.close();
    const upgraded = openDeviceStore(older);
    const samples = [
      { at, minutes: 5 as const, loadKw: 10, pvKw: 1 },
      { at, minutes: 15 as const, loadKw: 12 },
    ];
    expect(upgraded.saveSamples(samples)).toBe(2);
    expect(upgraded.saveSamples(samples)).toBe(0);
    expect(upgraded.saveSamples([{ at, minutes: 5, loadKw: 11 }])).toBe(1);
    const all = () => upgraded.samples(new Date(0), new Date('2030-01-01'));
    expect(all()).toEqual([{ ...samples[0], loadKw: 11 }, samples[1]]);
    upgraded.forgetReadings(new Date('2026-01-05T07:00:00Z'));
    expect(all()).toEqual([]);
    upgraded.close();
  });

  it.each([
    ['whose first bytes are lost', (bytes: Buffer) => bytes.fill('x', 0, 20)],
    ['with a bad block in its middle', (bytes: Buffer) => bytes.fill(0xff, 4096, 8192)],
  ])('that is damaged, %s, is moved aside, and a new installation begins', (_, damage) => {
    const worn = join(folder, 'worn.sqlite');
    const before = openDeviceStore(worn);
    before.saveSetting('config', 'a');
    before.close();
    writeFileSync(worn, damage(readFileSync(worn)));
    expect(() => openDeviceStore(worn)).toThrow(DeviceStoreUnusable);
    const told: string[] = [];
    const anew = openOrBeginAnew(worn, (problem) => told.push(problem));
    expect(anew.installationId).not.toBe(before.installationId);
    expect(anew.setting('config')).toBeNull();
    expect(told).toEqual([expect.stringContaining(worn)]);
    expect(existsSync(`${worn}.damaged`)).toBe(true);
    anew.close();
    openOrBeginAnew(worn, () => expect.unreachable()).close();
  });

  it('that another process uses is left alone', () => {
    expect(() => openOrBeginAnew(file(), () => expect.unreachable())).toThrow('end the other process');
  });

  it('keeps settings', () => {
    expect(store.setting('config')).toBeNull();
    store.saveSetting('config', 'a');
    store.saveSetting('config', 'b');
    reopen();
    expect(store.setting('config')).toBe('b');
  });

  it('is for one process, and says so; a damaged file too', () => {
    expect(() => openDeviceStore(file())).toThrow(DeviceStoreUnusable);
    const broken = join(folder, 'broken.sqlite');
    writeFileSync(broken, 'this is no database, but it is long enough to look like one'.repeat(100));
    expect(() => openDeviceStore(broken)).toThrow(/move it away/);
  });
});
