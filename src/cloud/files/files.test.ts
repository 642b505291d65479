import { createHash } from 'node:crypto';
import fc from 'fast-check';
import pino from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  ackOf,
  CALLER,
  type CloudOnMemory,
  cloudOnMemory,
  SITE,
} from '../../../test/cloud/cloud-on-memory.ts';
import {
  sampleDataSet,
  sampleDecision,
  sampleEvaluation,
  sampleRequest,
} from '../../../test/sample-facts.ts';
import { trainingJob } from '../../machines/training-job.ts';
import { type KeptFile, keepFiles } from './file-keeper.ts';

const DAY_MS = 86_400_000;
const logger = pino({ level: 'silent' });
const checksumOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

let world: CloudOnMemory;
let deviceId: string;

beforeEach(async () => {
  world = await cloudOnMemory();
  deviceId = await world.site();
});

const place = (text: string) => world.cloud.artifacts.place(checksumOf(text));
const put = (text: string) => world.cloud.artifacts.put(new TextEncoder().encode(text));
const origin = { actor: 'test', tenant: 'acme', systemId: SITE, correlationId: 'test' };

interface Version {
  readonly version: string;
  /** Bytes of its ensemble; another version may have the same. */
  readonly bytes: string;
  readonly kept?: boolean;
}

/** A job with its data set and a version with an ensemble's file and a linear model's. */
async function train({ version, bytes, kept = false }: Version): Promise<void> {
  const jobId = `job-${version}`;
  const artifact = await put(bytes);
  const linear = await put(`linear ${version}`);
  const { metrics } = sampleEvaluation;
  const modelArtifacts = [
    { modelType: 'ensemble' as const, artifact, metrics },
    { modelType: 'linear' as const, artifact: linear, metrics },
  ];
  const dataSet = { ...sampleDataSet, ...(await put(`data of ${version}`)) };
  const send = (command: Parameters<typeof trainingJob.decide>[1]) =>
    world.actors.send(trainingJob, `training-job-${jobId}`, command, origin);
  await send({ type: 'request', request: { ...sampleRequest, jobId, systemId: SITE } });
  await send({ type: 'record-data', dataSet });
  const evaluation = { ...sampleEvaluation, version, artifact, modelArtifacts };
  await send({ type: 'record-evaluation', evaluation });
  const decision = sampleDecision;
  if (kept) await send({ type: 'keep', kept: { version, reason: 'target-missed', decision } });
  else await send({ type: 'deploy', deployment: { version, deploymentId: `dep-${version}`, decision } });
}

async function offer(
  { version, bytes }: Version,
  assignment: number,
  previous: string | null,
): Promise<string> {
  const deploymentId = `dep-${version}`;
  const artifact = await put(bytes);
  await world.offer({
    ...{ deploymentId, deviceId, version, artifact, assignment },
    previousDeploymentId: previous as null,
  });
  return deploymentId;
}

async function deploy(model: Version, assignment: number, previous: string | null): Promise<string> {
  await train(model);
  const deploymentId = await offer(model, assignment, previous);
  await world.say('ack', ackOf(deviceId, deploymentId, 'active', model.version));
  return deploymentId;
}

/** One round of the file keeper; what it found of all files. */
async function round(): Promise<ReadonlyMap<KeptFile, number>> {
  const { promise, resolve } = Promise.withResolvers<ReadonlyMap<KeptFile, number>>();
  const observer = { sorted: () => undefined, counted: resolve };
  const keeper = keepFiles({ cloud: world.cloud, dataSetsKeptMs: 400 * DAY_MS, observer, logger });
  const found = await promise;
  await keeper.stop();
  return found;
}

describe('files of versions', () => {
  it('go to the archive when the version is kept, with all its models', async () => {
    await train({ version: '1.0.0', bytes: 'one', kept: true });
    await world.runUntil(async () => {
      expect([await place('one'), await place('linear 1.0.0')]).toEqual(['archived', 'archived']);
    });
  });

  it('stay while the version runs or may run again, and go when a third takes over', async () => {
    const first = await deploy({ version: '1.0.0', bytes: 'one' }, 1, null);
    const second = await deploy({ version: '1.1.0', bytes: 'two' }, 2, first);
    await deploy({ version: '1.2.0', bytes: 'three' }, 3, second);
    await world.runUntil(async () => expect(await place('one')).toBe('archived'));
    expect([await place('two'), await place('three'), await place('linear 1.1.0')]).toEqual([
      'kept',
      'kept',
      'kept',
    ]);
  });

  it('stay while another version has the same bytes', async () => {
    await train({ version: '1.0.0', bytes: 'same', kept: true });
    await deploy({ version: '1.1.0', bytes: 'same' }, 1, null);
    await world.runUntil(async () => expect(await place('linear 1.0.0')).toBe('archived'));
    expect(await place('same')).toBe('kept');
  });

  it('come back when the version is restored', async () => {
    await train({ version: '1.0.0', bytes: 'one', kept: true });
    await world.runUntil(async () => expect(await place('one')).toBe('archived'));
    await world.control.restoreModel(CALLER, { systemId: SITE, version: '1.0.0', replace: false });
    expect(await place('one')).toBe('kept');
    const found = await round();
    expect(found.get('taken-back')).toBe(1);
    expect(await place('linear 1.0.0')).toBe('kept');
  });
});

type Step = 'kept' | 'active' | 'rejected' | 'pending' | 'rolledback';
const step = fc.constantFrom<Step>('kept', 'active', 'rejected', 'pending', 'rolledback');

interface Deployed {
  readonly deploymentId: string;
  readonly model: Version;
  readonly before: Deployed | null;
}

/** A site's deployments as they are told here, apart from how the service keeps count of them. */
function createTale() {
  let count = 0;
  let running: Deployed | null = null;
  let pending: Deployed | null = null;

  async function answer(status: 'active' | 'rejected'): Promise<void> {
    if (pending === null) return;
    const { deploymentId, model } = pending;
    const runs = status === 'active' ? model.version : (running?.model.version ?? null);
    await world.say('ack', ackOf(deviceId, deploymentId, status, runs));
    if (status === 'active') running = pending;
    pending = null;
  }

  async function rollBack(): Promise<void> {
    if (running?.before == null || pending !== null) return;
    const { deploymentId, before } = running;
    await world.say('ack', ackOf(deviceId, deploymentId, 'rolledback', before.model.version));
    running = before;
  }

  async function offerNext(): Promise<void> {
    await answer('active');
    const model = { version: `1.${count}.0`, bytes: `model ${count}` };
    await train(model);
    const deploymentId = await offer(model, count, running?.deploymentId ?? null);
    pending = { deploymentId, model, before: running };
  }

  return {
    async take(next: Step): Promise<void> {
      count += 1;
      if (next === 'rolledback') return rollBack();
      if (next === 'kept') return train({ version: `1.${count}.0`, bytes: `model ${count}`, kept: true });
      await offerNext();
      if (next !== 'pending') await answer(next);
    },
    running: () => running?.deploymentId ?? null,
    /** Bytes that the site needs: what runs, what that took over from, what is on offer. */
    needed: () => [running, running?.before, pending].flatMap((each) => each?.model.bytes ?? []),
  };
}

describe('the archive', () => {
  it('never takes what runs, what it would go back to, or what is on offer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        world = await cloudOnMemory();
        deviceId = await world.site();
        const tale = createTale();
        for (const next of steps) {
          await tale.take(next);
          await round();
          expect(await world.running()).toBe(tale.running());
          for (const bytes of tale.needed()) expect(`${bytes} ${await place(bytes)}`).toBe(`${bytes} kept`);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('the file keeper', () => {
  it('mends whatever lies in the wrong place, and says what is missing', async () => {
    await deploy({ version: '1.0.0', bytes: 'one' }, 1, null);
    await train({ version: '1.1.0', bytes: 'two', kept: true });
    await world.cloud.artifacts.archive(checksumOf('one'));
    await world.cloud.artifacts.remove(checksumOf('linear 1.0.0'));
    expect(Object.fromEntries(await round())).toEqual({
      ...{ 'taken-back': 1, missing: 1, archived: 2, 'data-set-kept': 2 },
    });
    expect(Object.fromEntries(await round())).toEqual({
      ...{ kept: 1, missing: 1, resting: 2, 'data-set-kept': 2 },
    });
  });

  it('never touches what is before the gate', async () => {
    const { checksum } = await put('open');
    await world.evaluatedJob('job-open', '1.0.0', null, false, { checksum, size: 4 });
    await round();
    expect(await place('open')).toBe('kept');
  });

  it('archives everything of a site that was decommissioned', async () => {
    await deploy({ version: '1.0.0', bytes: 'one' }, 1, null);
    await world.control.decommissionSite(CALLER, SITE, 'sold');
    expect((await round()).get('archived')).toBe(2);
  });

  it('removes a data set when its time has passed, but not one that a job still needs', async () => {
    await train({ version: '1.0.0', bytes: 'one', kept: true });
    world.passSiteTime(401 * DAY_MS);
    await world.actors.send(
      trainingJob,
      'training-job-job-late',
      { type: 'request', request: { ...sampleRequest, jobId: 'job-late', systemId: SITE } },
      origin,
    );
    const found = await round();
    expect(found.get('data-set-removed')).toBe(1);
    expect(await place('data of 1.0.0')).toBeNull();
    expect((await round()).get('gone')).toBe(1);
  });
});
