import type { DeploymentFact } from '../events/deployment.ts';
import type { SequencedFact } from '../events/envelope.ts';
import type { SiteFact } from '../events/site.ts';
import { parseStreamId } from '../events/stream-id.ts';
import type { TrainingJobFact } from '../events/training-job.ts';
import {
  type JobNote,
  jobKey,
  noteJob,
  noteSite,
  type SiteNote,
  type StartedRun,
  type StoppedRun,
} from './catalogue-notes.ts';
import type { ModelDocument, ModelOffer, ModelRun } from './documents.ts';
import type { Projection, ReadDocument } from './projection.ts';

type Known = TrainingJobFact | DeploymentFact | SiteFact;
type Evaluated = Extract<TrainingJobFact, { type: 'ModelEvaluated' }>['data'];
type Offered = Extract<DeploymentFact, { type: 'DeploymentOffered' }>['data'];
type Document = ModelDocument | JobNote | SiteNote;

function evaluated(
  data: Evaluated,
  { metadata, streamId }: SequencedFact,
  origin: JobNote['origin'],
): ModelDocument {
  const { version, modelType, artifact, accuracy, metrics, members, layoutVersion, trainedUntil } = data;
  const { modelArtifacts = [{ modelType, artifact, metrics }], errorProfile = null } = data;
  return {
    systemId: metadata.systemId ?? '',
    tenant: metadata.tenant,
    jobId: parseStreamId(streamId)?.id ?? '',
    createdAt: metadata.at,
    ...{ version, modelType, artifact, accuracy, metrics, members, modelArtifacts, errorProfile },
    ...{ layoutVersion, trainedUntil, origin },
    ...{ verdict: null, decision: null, keptReason: null, offers: [], runs: [] },
  };
}

function offerOf(data: Offered, { metadata }: SequencedFact): ModelOffer {
  const { deploymentId, deviceId, modelType, restore } = data;
  const made = { offeredAt: metadata.at, offeredBy: metadata.actor, restored: restore !== undefined };
  return { deploymentId, deviceId, modelType, ...made };
}

const ended = (run: ModelRun, to: string, { ended: why, reason }: StoppedRun): ModelRun => ({
  ...run,
  to,
  ended: why,
  reason,
});

function stopRun(model: ModelDocument, stopped: StoppedRun | null, at: string): ModelDocument {
  if (stopped?.version !== model.version) return model;
  const runs = model.runs.map((run) =>
    run.to === null && run.deploymentId === stopped.deploymentId ? ended(run, at, stopped) : run,
  );
  return { ...model, runs };
}

function startRun(model: ModelDocument, started: StartedRun | null, at: string): ModelDocument {
  if (started?.version !== model.version) return model;
  const { deploymentId, deviceId } = started;
  const offer = model.offers.find((each) => each.deploymentId === deploymentId);
  const run = { deploymentId, deviceId, modelType: offer?.modelType ?? null, from: at };
  return { ...model, runs: [...model.runs, { ...run, to: null, ended: null, reason: null }] };
}

/** Facts of which a version's document follows by its own name. */
type OwnFact = Extract<Known, { type: 'JobDeployed' | 'JobKept' | 'DeploymentOffered' }>;

function applyOwn(model: ModelDocument, recorded: SequencedFact): ModelDocument {
  const fact = recorded.fact as OwnFact;
  switch (fact.type) {
    case 'JobDeployed':
      return { ...model, verdict: 'deployed', decision: fact.data.decision };
    case 'JobKept':
      return { ...model, verdict: 'kept', decision: fact.data.decision, keptReason: fact.data.reason };
    case 'DeploymentOffered':
      return { ...model, offers: [...model.offers, offerOf(fact.data, recorded)] };
  }
}

function applyModel(
  current: ModelDocument | undefined,
  recorded: SequencedFact,
  note: JobNote | SiteNote | undefined,
): ModelDocument | null {
  const { fact, metadata } = recorded;
  // `keysOf` names a version by facts that carry one alone, and the log checked their schema.
  if (note?.note === 'job') return evaluated(fact.data as Evaluated, recorded, note.origin);
  if (current === undefined) return null;
  if (note === undefined) return applyOwn(current, recorded);
  return startRun(stopRun(current, note.stopped, metadata.at), note.started, metadata.at);
}

/** Of a site, the facts that change what its device runs. */
const MOVES = new Set([
  'DeploymentActivated',
  'DeploymentRolledBack',
  'DeviceAssigned',
  'SiteDecommissioned',
]);

function keysOf({ fact, streamId, metadata }: SequencedFact): readonly string[] {
  const stream = parseStreamId(streamId);
  const { systemId } = metadata;
  if (stream === null || systemId === null) return [];
  const known = fact as Known;
  if (MOVES.has(known.type)) return [systemId];
  if (known.type === 'DeploymentOffered') return [`${systemId}/${known.data.version}`];
  if (stream.type !== 'training-job') return [];
  const judged = known.type === 'JobDeployed' || known.type === 'JobKept';
  return [...(judged ? [`${systemId}/${known.data.version}`] : []), jobKey(stream.id)];
}

function versionsIn(note: Document): readonly string[] {
  if (!('note' in note)) return [];
  if (note.note === 'job') return note.version === null ? [] : [note.version];
  const moved = [note.stopped?.version, note.started?.version];
  return [...new Set(moved.filter((version) => version !== undefined))];
}

function noteDocument(
  key: string,
  doc: JobNote | SiteNote,
  { metadata }: SequencedFact,
): ReadDocument<Document> {
  return { key, tenant: '', systemId: metadata.systemId, status: null, sortAt: metadata.at, doc };
}

function modelDocument(doc: ModelDocument): ReadDocument<Document> {
  const { systemId, tenant, version, verdict, createdAt } = doc;
  return { key: `${systemId}/${version}`, tenant, systemId, status: verdict, sortAt: createdAt, doc };
}

function noteOf<Kind extends 'job' | 'site'>(document: ReadDocument<Document> | undefined, kind: Kind) {
  const doc = document?.doc;
  return doc !== undefined && 'note' in doc && doc.note === kind
    ? (doc as Extract<Document, { note: Kind }>)
    : undefined;
}

/**
 * The catalogue of model versions, newest first: what each was made of, how it was judged, and where it ran from when
 * to when; key `systemId/version`.
 */
export const modelsProjection: Projection<Document> = {
  name: 'models',
  version: 4,
  keysOf,
  follow: ({ metadata }, { doc }) => versionsIn(doc).map((version) => `${metadata.systemId}/${version}`),
  apply(current, recorded, key, from) {
    if (key === recorded.metadata.systemId)
      return noteDocument(key, noteSite(noteOf(current, 'site'), recorded), recorded);
    if (key.startsWith('job:')) {
      const note = noteJob(noteOf(current, 'job'), recorded);
      return note === null ? null : noteDocument(key, note, recorded);
    }
    const model = current?.doc;
    const known = model === undefined || 'note' in model ? undefined : model;
    const doc = applyModel(known, recorded, noteOf(from, 'job') ?? noteOf(from, 'site'));
    return doc === null ? null : modelDocument(doc);
  },
};
