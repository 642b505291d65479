import { describe, expect, it } from 'vitest';
import { sampleAnswer, sampleOffer, sampleSettings } from '../../test/sample-facts.ts';
import type { DeploymentFact } from '../events/deployment.ts';
import type { SequencedFact } from '../events/envelope.ts';
import type { SiteFact } from '../events/site.ts';
import type { SiteDocument } from './documents.ts';
import { foldFact, type ReadDocument } from './projection.ts';
import { sitesProjection } from './sites.ts';

const SITE = 'bess-456';

function recorded(streamId: string, fact: SiteFact | DeploymentFact, seq: number): SequencedFact {
  const at = '2026-01-05T06:00:00Z';
  const metadata = {
    actor: 'ana',
    tenant: 'acme',
    systemId: SITE,
    correlationId: 'c',
    machine: 'm@1',
    schema: 1,
    at,
  };
  return { seq, streamId, version: seq, eventId: `e-${seq}`, recordedAt: at, fact, metadata };
}

type Told = readonly [streamId: string, fact: SiteFact | DeploymentFact];

function siteAfter(...facts: readonly Told[]): SiteDocument | undefined {
  const documents = new Map<string, ReadDocument | null>([[SITE, null]]);
  for (const [seq, [streamId, fact]] of facts.entries()) {
    const result = foldFact(sitesProjection, documents, recorded(streamId, fact, seq + 1));
    if ('changed' in result) for (const [key, document] of result.changed) documents.set(key, document);
  }
  return documents.get(SITE)?.doc as SiteDocument | undefined;
}

const registered: Told = [
  `site-${SITE}`,
  { type: 'SiteRegistered', data: { systemId: SITE, tenant: 'acme', settings: sampleSettings } },
];
const offered = (deploymentId: string, version: string): Told => [
  `deployment-${deploymentId}`,
  { type: 'DeploymentOffered', data: { ...sampleOffer, deploymentId, version } },
];
const active = (deploymentId: string, version: string): Told => [
  `deployment-${deploymentId}`,
  { type: 'DeploymentActivated', data: { version, answer: sampleAnswer('m1') } },
];
const expired = (deploymentId: string, version: string): Told => [
  `deployment-${deploymentId}`,
  { type: 'DeploymentExpired', data: { version, expires: '2026-01-06T06:00:00Z' } },
];
const rolledBack = (deploymentId: string, version: string, previous: string | null): Told => {
  const answer = sampleAnswer('m2', { runningVersion: previous === null ? null : '1.0.0' });
  return [
    `deployment-${deploymentId}`,
    { type: 'DeploymentRolledBack', data: { version, previousDeploymentId: previous, answer } },
  ];
};
const first = { deploymentId: 'dep-1', version: '1.0.0' };
const second = { deploymentId: 'dep-2', version: '1.1.0' };

describe('a site as people see it', () => {
  it('still desires the later offer when an earlier one is answered late', () => {
    const site = siteAfter(
      registered,
      offered('dep-1', '1.0.0'),
      expired('dep-1', '1.0.0'),
      offered('dep-2', '1.1.0'),
      active('dep-1', '1.0.0'),
    );
    expect(site).toMatchObject({
      running: first,
      desired: second,
      attempted: { ...second, status: 'offered' },
    });
  });

  it('still attempts the later offer when the model in service fails its watch', () => {
    const site = siteAfter(
      registered,
      offered('dep-1', '1.0.0'),
      active('dep-1', '1.0.0'),
      offered('dep-2', '1.1.0'),
      rolledBack('dep-1', '1.0.0', null),
    );
    expect(site).toMatchObject({
      running: null,
      desired: second,
      attempted: { ...second, status: 'offered' },
    });
  });

  it('desires what runs again after a rollback', () => {
    const site = siteAfter(
      registered,
      offered('dep-1', '1.0.0'),
      active('dep-1', '1.0.0'),
      offered('dep-2', '1.1.0'),
      rolledBack('dep-2', '1.1.0', 'dep-1'),
    );
    expect(site).toMatchObject({
      running: first,
      desired: first,
      attempted: { ...second, status: 'rolledback' },
    });
  });

  it('runs nothing on a device that has just taken over', () => {
    const site = siteAfter(registered, offered('dep-1', '1.0.0'), active('dep-1', '1.0.0'), [
      `site-${SITE}`,
      { type: 'DeviceAssigned', data: { deviceId: 'dev-2' } },
    ]);
    expect(site).toMatchObject({ deviceId: 'dev-2', running: null, desired: null });
  });
});
