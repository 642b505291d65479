import { type ModelAddress, modelUrl } from '../../ota/versions.ts';
import type { ModelDocument, ModelOrigin, SiteDocument } from '../../projections/documents.ts';
import {
  presentAccuracy,
  presentDecision,
  presentErrorProfile,
  presentMember,
  presentMetrics,
} from './metrics.ts';

/** The stable address of a model's file on this origin, whichever that is. */
export const modelPath = (address: ModelAddress): string =>
  new URL(modelUrl('http://origin/models', address)).pathname;

/** Every file of a version with what its model scored. */
const presentFiles = ({ systemId, version, modelArtifacts }: ModelDocument) =>
  modelArtifacts.map(({ modelType, artifact, metrics }) => ({
    modelType,
    ...artifact,
    url: modelPath({ systemId, version, modelType }),
    metrics: presentMetrics(metrics),
  }));

const presentOrigin = (origin: ModelOrigin | null) => ({
  requestedBy: origin?.requestedBy ?? null,
  trigger: origin?.trigger ?? null,
  seed: origin?.seed ?? null,
  trainingWindowDays: origin?.trainingWindowDays ?? null,
  dataSet: origin?.dataSet ?? null,
});

/** `site` tells which version the device runs; null while the lists have not caught up with a new site. */
export function presentModel(document: ModelDocument, site: SiteDocument | null) {
  const { tenant: _tenant, modelArtifacts: _files, origin, ...model } = document;
  return {
    ...model,
    status: site?.running?.version === model.version ? 'active' : 'legacy',
    url: modelPath(model),
    files: presentFiles(document),
    errorProfile: document.errorProfile === null ? null : presentErrorProfile(document.errorProfile),
    accuracy: presentAccuracy(model.accuracy),
    metrics: presentMetrics(model.metrics),
    members: model.members.map(presentMember),
    decision: model.decision === null ? null : presentDecision(model.decision),
    ...presentOrigin(origin),
  };
}
