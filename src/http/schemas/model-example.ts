const CHECKSUM = 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const artifact = { checksum: CHECKSUM, size: 812_344 };
const metrics = {
  ...{ mape: 3.8, wape: 3.6, rmse: 47.2, mase: 0.61, coverage90: 90.2, mape24h: 3.5, mape48h: 4.1 },
  ...{ hours: 624, excludedHours: 0 },
};

/** A version as the catalogue shows it, for the API document. */
export const modelExample = {
  ...{ systemId: 'bess-456', version: '1.2.0', modelType: 'ensemble', status: 'active' },
  ...{ jobId: '0197a3c2-7d1e-7c55-9a43-5a3b3f6f2d10', artifact, url: '/models/bess-456/v1.2.0.onnx' },
  files: [{ modelType: 'ensemble', ...artifact, url: '/models/bess-456/v1.2.0.onnx', metrics }],
  accuracy: { mape: 3.8, rmse: 47.2 },
  ...{ metrics, errorProfile: null },
  members: [{ model: 'linear', outcome: 'trained', weight: 1, metrics }],
  ...{ layoutVersion: 1, trainedUntil: '2026-01-05T06:00:00Z', createdAt: '2026-01-05T06:04:11Z' },
  verdict: 'deployed',
  decision: {
    ...{ metric: 'mape', target: 8, minimumGain: 5, minimumUnseenDays: 5, challenger: 3.8 },
    ...{ seasonalNaive: 6.1, forced: false, comparison: null },
  },
  ...{ keptReason: null, requestedBy: 'cloud', trigger: 'weekly', seed: 1_402_177, trainingWindowDays: 90 },
  dataSet: {
    ...{ checksum: CHECKSUM, size: 61_204, from: '2025-10-07T06:00:00Z', to: '2026-01-05T06:00:00Z' },
    ...{ hours: 2160, warmupHours: 888, filledHours: 3, findings: [] },
  },
  offers: [
    {
      ...{
        deploymentId: 'b0f1c9a2-55b1-4f4e-8c0d-0f7f4a1f9f11',
        deviceId: 'dev-7c1d',
        modelType: 'ensemble',
      },
      ...{ offeredAt: '2026-01-05T06:04:12Z', offeredBy: 'cloud', restored: false },
    },
  ],
  runs: [
    {
      ...{
        deploymentId: 'b0f1c9a2-55b1-4f4e-8c0d-0f7f4a1f9f11',
        deviceId: 'dev-7c1d',
        modelType: 'ensemble',
      },
      ...{ from: '2026-01-05T06:05:02Z', to: null, ended: null, reason: null },
    },
  ],
};
