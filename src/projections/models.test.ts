import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  sampleAnswer,
  sampleDataSet,
  sampleDecision,
  sampleEvaluation,
  sampleOffer,
  sampleRequest,
  sampleSettings,
} from '../../test/sample-facts.ts';
import type { Fact, SequencedFact } from '../events/envelope.ts';
import type { ModelDocument, SiteDocument } from './documents.ts';
import { modelsProjection } from './models.ts';
import { foldFact, type Projection, type ReadDocument } from './projection.ts';
import { sitesProjection } from './sites.ts';

const SITE = 'bess-456';
type Told = readonly [streamId: string, type: string, data: unknown];

const minute = (n: number): string => new Date(Date.parse('2026-01-05T06:00:00Z') + n * 60_000).toISOString();

function recorded([streamId, type, data]: Told, seq: number): SequencedFact {
  const about = {
    actor: 'ana',
    tenant: 'acme',
    systemId: SITE,
    correlationId: 'c',
    machine: 'm@1',
    schema: 1,
  };
  const fact: Fact = { type, data };
  const at = minute(seq);
  return {
    seq,
    streamId,
    version: seq,
    eventId: `e-${seq}`,
    recordedAt: at,
    fact,
    metadata: { ...about, at },
  };
}

/** Documents by key after the facts, folded as the runner does: missing ones are looked up and are none. */
function foldedBy(projection: Projection, facts: readonly Told[]): ReadonlyMap<string, ReadDocument> {
  const documents = new Map<string, ReadDocument | null>();
  facts.forEach((told, i) => {
    let result = foldFact(projection, documents, recorded(told, i + 1));
    while ('missing' in result) {
      for (const key of result.missing) documents.set(key, null);
      result = foldFact(projection, documents, recorded(told, i + 1));
    }
    for (const [key, document] of result.changed) documents.set(key, document);
  });
  return new Map([...documents].flatMap(([key, document]) => (document === null ? [] : [[key, document]])));
}

const catalogueAfter = (...facts: readonly Told[]) => foldedBy(modelsProjection, facts);
const modelAfter = (version: string, ...facts: readonly Told[]) =>
  catalogueAfter(...facts).get(`${SITE}/${version}`)?.doc as ModelDocument | undefined;

const registered: Told = [
  `site-${SITE}`,
  'SiteRegistered',
  { systemId: SITE, tenant: 'acme', settings: sampleSettings },
];
const trained = (version: string): readonly Told[] => [
  [`training-job-job-${version}`, 'JobRequested', { ...sampleRequest, jobId: `job-${version}` }],
  [`training-job-job-${version}`, 'DataCollected', { dataSet: sampleDataSet }],
  [`training-job-job-${version}`, 'ModelEvaluated', { ...sampleEvaluation, version }],
];
const kept = (version: string): Told => [
  `training-job-job-${version}`,
  'JobKept',
  { version, reason: 'target-missed', decision: sampleDecision },
];
const offered = (deploymentId: string, version: string, deviceId = 'dev-1'): Told => [
  `deployment-${deploymentId}`,
  'DeploymentOffered',
  { ...sampleOffer, deploymentId, version, deviceId },
];
const active = (deploymentId: string, version: string, deviceId = 'dev-1'): Told => [
  `deployment-${deploymentId}`,
  'DeploymentActivated',
  { version, answer: sampleAnswer('m1', { deviceId, runningVersion: version }) },
];
const rolledBack = (deploymentId: string, version: string, to: readonly [string, string] | null): Told => [
  `deployment-${deploymentId}`,
  'DeploymentRolledBack',
  {
    version,
    previousDeploymentId: to?.[0] ?? null,
    answer: sampleAnswer('m2', { runningVersion: to?.[1] ?? null, reason: 'no number' }),
  },
];

describe('the catalogue', () => {
  it('tells what a version was made of, and why it was kept', () => {
    const documents = catalogueAfter(...trained('1.0.0'), kept('1.0.0'));
    expect([...documents.keys()]).toEqual([`${SITE}/1.0.0`]);
    expect(documents.get(`${SITE}/1.0.0`)?.doc).toMatchObject({
      origin: {
        requestedBy: 'ana',
        seed: 7,
        trigger: 'manual',
        trainingWindowDays: 90,
        dataSet: sampleDataSet,
      },
      verdict: 'kept',
      keptReason: 'target-missed',
      runs: [],
    });
  });

  it('tells where a version ran, from when to when, and why it stopped', () => {
    const facts = [
      ...trained('1.0.0'),
      ...trained('1.1.0'),
      ...[
        offered('dep-1', '1.0.0'),
        active('dep-1', '1.0.0'),
        offered('dep-2', '1.1.0'),
        active('dep-2', '1.1.0'),
      ],
      ...[rolledBack('dep-2', '1.1.0', ['dep-1', '1.0.0'])],
      ...[[`site-${SITE}`, 'DeviceAssigned', { deviceId: 'dev-2' }] as const],
    ];
    const common = { deploymentId: 'dep-1', deviceId: 'dev-1', modelType: 'ensemble', reason: null };
    expect(modelAfter('1.0.0', ...facts)?.runs).toEqual([
      { ...common, from: minute(8), to: minute(10), ended: 'replaced' },
      { ...common, from: minute(11), to: minute(12), ended: 'device-replaced' },
    ]);
    expect(modelAfter('1.1.0', ...facts)?.runs).toMatchObject([
      { deploymentId: 'dep-2', from: minute(10), to: minute(11), ended: 'rolledback', reason: 'no number' },
    ]);
    expect(modelAfter('1.1.0', ...facts)?.offers).toMatchObject([{ deploymentId: 'dep-2', restored: false }]);
  });

  it('ends what runs when the site goes', () => {
    const gone: Told = [`site-${SITE}`, 'SiteDecommissioned', { reason: 'sold' }];
    const facts = [...trained('1.0.0'), offered('dep-1', '1.0.0'), active('dep-1', '1.0.0'), gone];
    expect(modelAfter('1.0.0', ...facts)?.runs).toMatchObject([
      { ended: 'site-decommissioned', reason: 'sold' },
    ]);
  });

  it('remembers nothing of jobs that ended without a version', () => {
    const failed: Told = ['training-job-job-9', 'JobFailed', { code: 'x', reason: 'y' }];
    const requested: Told = ['training-job-job-9', 'JobRequested', { ...sampleRequest, jobId: 'job-9' }];
    expect(catalogueAfter(requested, failed).size).toBe(0);
  });

  it('has exactly the run open that the site’s page says runs, after any history', () => {
    const versions = ['1.0.0', '1.1.0', '1.2.0'] as const;
    const one = fc.constantFrom(...versions);
    const step = fc.oneof(
      one.map((v) => active(`dep-${v}`, v)),
      fc
        .tuple(one, fc.option(one))
        .map(([v, to]) => rolledBack(`dep-${v}`, v, to === null ? null : [`dep-${to}`, to])),
      fc.constant<Told>([`site-${SITE}`, 'DeviceAssigned', { deviceId: 'dev-2' }]),
    );
    const start = [registered, ...versions.flatMap(trained), ...versions.map((v) => offered(`dep-${v}`, v))];
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        const facts = [...start, ...steps];
        const site = foldedBy(sitesProjection, facts).get(SITE)?.doc as SiteDocument;
        const documents = foldedBy(modelsProjection, facts);
        const runsOf = (v: string) =>
          (documents.get(`${SITE}/${v}`)?.doc as ModelDocument | undefined)?.runs ?? [];
        const open = versions.flatMap((v) =>
          runsOf(v)
            .filter(({ to }) => to === null)
            .map(({ deploymentId }) => ({ deploymentId, version: v })),
        );
        expect(open).toEqual(site.running === null ? [] : [site.running]);
      }),
    );
  });
});
