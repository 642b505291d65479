import { expect, it } from 'vitest';
import { sampleEvaluation } from '../../test/sample-facts.ts';
import { versionFile } from './version-file.ts';

const { artifact, metrics } = sampleEvaluation;
const linear = { ...artifact, checksum: `sha256:${'1'.repeat(64)}` };
const listed = {
  ...sampleEvaluation,
  modelType: 'ensemble' as const,
  modelArtifacts: [
    { modelType: 'ensemble' as const, artifact, metrics },
    { modelType: 'linear' as const, artifact: linear, metrics },
  ],
};

it('finds the file of each model of a version, and none of one that has no file', () => {
  expect(versionFile(listed, 'linear')).toEqual(linear);
  expect(versionFile(listed, 'ensemble')).toEqual(artifact);
  expect(versionFile(listed, 'arima')).toBeNull();
});

it('knows the one file of facts that list none', () => {
  const { modelArtifacts: _files, ...older } = { ...listed, modelType: 'xgboost' as const };
  expect(versionFile(older, 'xgboost')).toEqual(artifact);
  expect(versionFile(older, 'lstm')).toBeNull();
});
