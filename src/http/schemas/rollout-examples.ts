/** One rollout, as its schemas show it. */

export const exampleRequest = {
  ...{
    note: 'trained with the price of energy',
    shadowDays: 7,
    window: { fromHour: 1, toHour: 5 },
    perHour: 200,
  },
  stages: [{ sites: 1 }, { sharePct: 10 }, { sharePct: 100 }],
  thresholds: { failuresPct: 2 },
  onBreach: 'abort',
};

const thresholds = {
  ...{ failuresPct: 2, timeoutsPct: 20, shadowWorsePct: 50, liveWorsePct: 20, errorIncreasePct: 10 },
};

export const exampleRules = {
  ...{
    shadowDays: 7,
    window: { fromHour: 1, toHour: 5 },
    atOnce: 20,
    perHour: 200,
    soakHours: 24,
    thresholds,
  },
  onBreach: 'abort',
  stages: [
    { name: '1 site', upTo: 1 },
    { name: '10 %', upTo: 12 },
    { name: 'all', upTo: 120 },
  ],
};

export const exampleCounts = {
  ...{ waiting: 107, heldBack: 4, skipped: 1, offered: 3, active: 5, failed: 0, expired: 0, superseded: 0 },
  ...{ reverting: 0, reverted: 0, notReverted: 0 },
};

export const exampleRollout = {
  ...{ rolloutId: '6d0c2f0e-8d2a-4c55-9a43-5a3b3f6f2d11', note: exampleRequest.note, status: 'rolling' },
  ...{ stage: '10 %', stages: ['shadow', '1 site', '10 %', 'all'], sites: 120, counts: exampleCounts },
  ...{ reason: null, cause: null, breach: null, soakUntil: null, rules: exampleRules, createdBy: 'person-1' },
  ...{ createdAt: '2026-01-07T13:00:00Z', updatedAt: '2026-01-08T05:10:00Z' },
};

export const exampleSite = {
  ...{ systemId: 'bess-456', version: '1.2.0', modelType: 'ensemble', running: '1.1.0', status: 'active' },
  ...{ stage: '1 site', deploymentId: 'b0f1c9a2-55b1-4f4e-8c0d-0f7f4a1f9f11', revertId: null },
  ...{ shadowMape: 3.7, runningMape: 4.1, liveWape: null, previousWape: null, reason: null },
  at: '2026-01-08T04:02:00Z',
};
