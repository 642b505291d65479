import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerSite, type ServerUnderTest, startServer } from '../../../test/http/server-under-test.ts';
import { appendDeployed, appendKept, appendModel } from '../../../test/http/stories.ts';
import { appendFacts } from '../../../test/machines/append-facts.ts';
import { runVector } from '../../../test/machines/run-vector.ts';
import { sampleRequest, sampleSettings } from '../../../test/sample-facts.ts';
import type { Lifecycle } from '../../machines/lifecycle.ts';
import { site } from '../../machines/site.ts';
import { trainingJob } from '../../machines/training-job.ts';
import type { TestVector } from '../../visualizer/vector.ts';

let server: ServerUnderTest;
let token: string;

beforeAll(async () => {
  server = await startServer();
  token = await server.token();
  await registerSite(server, 'bess-1');
  const model = { jobId: 'job-1', systemId: 'bess-1', version: '1.0.0' };
  await appendModel(server.postgres.log, model);
  await appendDeployed(server.postgres.log, model, 'dep-1');
  const kept = { jobId: 'job-2', systemId: 'bess-1', version: '1.1.0' };
  await appendModel(server.postgres.log, kept);
  await appendKept(server.postgres.log, kept);
});
afterAll(() => server.close());

const read = async (path: string) => server.call('GET', `/api/v1/streams/${path}`, { token });

interface Steps {
  readonly start: { readonly context: Readonly<Record<string, unknown>> };
  readonly steps: readonly {
    readonly version: number;
    readonly changed: Readonly<Record<string, unknown>>;
    readonly removed: readonly string[];
  }[];
  readonly next: number | null;
}

/** The context after the steps, as a page folds it. */
function folded({ start, steps }: Steps) {
  const context: Record<string, unknown> = { ...start.context };
  for (const { changed, removed } of steps) {
    Object.assign(context, changed);
    for (const key of removed) delete context[key];
  }
  return context;
}

const append = (
  machine: Pick<Lifecycle, 'name' | 'version'>,
  streamId: string,
  facts: readonly (readonly [string, unknown])[],
) => appendFacts(server.postgres.log, machine, streamId, facts);

describe('an instant of a stream', () => {
  it('is explained with shares in percent', async () => {
    const { status, body } = await read('training-job-job-1/machine?version=4');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      machine: { name: 'training-job' },
      ...{ facts: 5, version: 4, state: 'deployed' },
      context: { deploymentId: 'dep-1', evaluation: { metrics: { mape: 3.8 } } },
      fact: { type: 'JobDeployed', data: { decision: { challenger: 3.8 } } },
      taken: {
        from: 'evaluated',
        guards: expect.arrayContaining([
          {
            name: 'below-target',
            holds: true,
            values: { challenger: { percent: 3.8 }, target: { percent: 8 } },
          },
        ]),
      },
      refused: expect.arrayContaining([
        { fact: 'JobKept', why: 'other', legalIn: ['evaluated'], guards: [] },
        { fact: 'JobAcked', why: 'state', legalIn: ['deployed'], guards: [] },
      ]),
      legal: expect.arrayContaining([expect.objectContaining({ fact: 'JobAcked', commands: ['mirror'] })]),
    });
  });

  it.each([
    ['training-job-job-1', 'acked'],
    ['deployment-dep-1', 'active'],
    ['site-bess-1', 'registered'],
  ])('is the last one of %s when none is named', async (stream, state) => {
    expect((await read(`${stream}/machine`)).body).toMatchObject({ state });
  });

  it('may be before the first fact', async () => {
    expect((await read('training-job-job-1/machine?version=0')).body).toMatchObject({
      ...{ state: 'new', fact: null, taken: null, refused: [] },
      legal: [expect.objectContaining({ fact: 'JobRequested' })],
    });
  });
});

describe('the steps of a stream', () => {
  it('fold to the context of each instant', async () => {
    const { body } = await read('training-job-job-1/steps');
    const all = body as Steps;
    expect(all.steps.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
    for (const version of [0, 3, 5]) {
      const shown = { ...all, steps: all.steps.slice(0, version) };
      const instant = await read(`training-job-job-1/machine?version=${version}`);
      expect({ context: folded(shown) }).toEqual({ context: (instant.body as { context: unknown }).context });
    }
  });

  it('come in pages', async () => {
    const first = (await read('training-job-job-1/steps?limit=2')).body as Steps;
    expect(first.next).toBe(2);
    const second = (await read(`training-job-job-1/steps?after=${first.next}&limit=3`)).body as Steps;
    expect(second.next).toBeNull();
    expect(second.start.context).toEqual(folded(first));
    expect(second.steps.map(({ version }) => version)).toEqual([3, 4, 5]);
    expect(((await read('training-job-job-1/steps?after=99')).body as Steps).steps).toEqual([]);
  });

  it('tell what is no longer in the context', async () => {
    await append(site, 'site-paused', [
      ['SiteRegistered', { systemId: 'paused', tenant: 'acme', settings: sampleSettings }],
      ['RetrainsPaused', { reason: 'harvest' }],
      ['RetrainsResumed', {}],
    ]);
    const { steps } = (await read('site-paused/steps')).body as Steps;
    expect(steps[1]).toMatchObject({ changed: { paused: 'harvest' }, removed: [] });
    expect(steps[2]).toMatchObject({ changed: {}, removed: ['paused'] });
  });

  it('end where facts are no history of the machine, and say so', async () => {
    await append(trainingJob, 'training-job-odd', [
      ['JobRequested', { ...sampleRequest, jobId: 'odd' }],
      ['JobAcked', { deploymentId: 'dep-1' }],
    ]);
    const { body } = await read('training-job-odd/steps');
    expect(body).toMatchObject({
      steps: [{ version: 1 }],
      next: null,
      broken: { version: 2, type: 'JobAcked', reason: expect.stringContaining('pending') },
    });
    expect(await read('training-job-odd/machine')).toMatchObject({
      status: 409,
      body: { code: 'history-unreadable' },
    });
    expect((await read('training-job-odd/test-vector')).status).toBe(409);
    expect((await read('training-job-odd/machine?version=1')).status).toBe(200);
    expect((await read('training-job-odd/drawing')).text).toContain('is in state pending');
  });
});

describe('what is exported of a stream', () => {
  it.each(['training-job-job-1', 'training-job-job-2', 'deployment-dep-1', 'site-bess-1'])(
    'is a test vector of %s that the tests of the machines accept',
    async (stream) => {
      const { body } = await read(`${stream}/test-vector`);
      runVector(body as TestVector);
    },
  );

  it('is a picture and a Mermaid diagram of the instant', async () => {
    const drawing = await read('training-job-job-1/drawing?version=2');
    expect(drawing.headers.get('content-type')).toContain('image/svg+xml');
    expect(drawing.text).toContain('training-job is in state training');
    const mermaid = await read('training-job-job-1/mermaid?version=2');
    expect(mermaid.headers.get('content-type')).toContain('text/plain');
    expect(mermaid.text).toContain('class s_training current');
  });
});

describe('a stream that cannot be shown', () => {
  it.each([
    ['does not exist', 'training-job-nowhere/machine', 404, /No stream/],
    ['is of no machine', 'weather-1/machine', 404, /begin with training-job/],
    ['has fewer facts', 'training-job-job-1/machine?version=6', 404, /ends at version 5/],
    ['has fewer facts to draw', 'training-job-job-1/drawing?version=6', 404, /ends at version 5/],
    ['has no negative version', 'training-job-job-1/machine?version=-1', 400, /at least 0/],
    ['has no version of text', 'training-job-job-1/machine?version=last', 400, /integer/],
    ['has a hostile name', `training-job-${encodeURIComponent('"><script>')}/machine`, 400, /must look like/],
  ])('%s', async (_, path, status, words) => {
    const answer = await read(path);
    expect(answer.status).toBe(status);
    expect(JSON.stringify(answer.body)).toMatch(words);
  });

  it.each(['machine', 'steps', 'test-vector', 'drawing', 'mermaid'])(
    'is another tenant’s (%s)',
    async (what) => {
      const path = `/api/v1/streams/training-job-job-1/${what}`;
      for (const wishes of [{ tenant: 'other' }, { systems: ['bess-2'] }]) {
        expect((await server.call('GET', path, { token: await server.token(wishes) })).status).toBe(404);
      }
      expect((await server.call('GET', path, { token: await server.token({ scopes: [] }) })).status).toBe(
        403,
      );
      expect((await server.call('GET', path)).status).toBe(401);
    },
  );
});
