import type { DeploymentFact } from '../events/deployment.ts';
import type { SequencedFact } from '../events/envelope.ts';
import type { SiteFact } from '../events/site.ts';
import { parseStreamId } from '../events/stream-id.ts';
import type { TrainingJobFact } from '../events/training-job.ts';
import type { ModelOrigin, ModelRun, RunningModel } from './documents.ts';

/** What the fold of the catalogue remembers beside the versions: no list shows it. */

/** Of a job that has not been judged yet: what its version is made of; key `job:{jobId}`. */
export interface JobNote {
  readonly note: 'job';
  readonly origin: ModelOrigin | null;
  /** The version that the fact just folded names. */
  readonly version: string | null;
}

/** A run that ended, and why. */
export interface StoppedRun extends RunningModel {
  readonly ended: NonNullable<ModelRun['ended']>;
  readonly reason: string | null;
}

export interface StartedRun extends RunningModel {
  readonly deviceId: string;
}

/** Of a site: what its device runs, and what the fact just folded changed in that; key systemId. */
export interface SiteNote {
  readonly note: 'site';
  readonly running: RunningModel | null;
  readonly stopped: StoppedRun | null;
  readonly started: StartedRun | null;
}

export const jobKey = (jobId: string): string => `job:${jobId}`;

export function noteJob(current: JobNote | undefined, { fact, metadata }: SequencedFact): JobNote | null {
  const known = fact as TrainingJobFact;
  const note: JobNote = current ?? { note: 'job', origin: null, version: null };
  switch (known.type) {
    case 'JobRequested': {
      const { trigger, seed, trainingWindowDays } = known.data;
      const origin = { requestedBy: metadata.actor, trigger, seed, trainingWindowDays, dataSet: null };
      return { ...note, origin };
    }
    case 'DataCollected':
      return {
        ...note,
        origin: note.origin === null ? null : { ...note.origin, dataSet: known.data.dataSet },
      };
    case 'ModelEvaluated':
      return { ...note, version: known.data.version };
    // Judged or ended: the version, if there is one, knows all that is to be known.
    case 'JobDeployed':
    case 'JobKept':
    case 'JobFailed':
    case 'JobCancelled':
    case 'JobAcked':
    case 'JobRolledBack':
    case 'JobUndelivered':
      return null;
  }
}

type Stop = Pick<StoppedRun, 'ended' | 'reason'>;

/** What the device runs after the fact, and why that before it stopped; null when the fact changes nothing. */
function changeOf(
  { running }: SiteNote,
  { fact, streamId }: SequencedFact,
): { readonly next: StartedRun | null; readonly stop: Stop } | null {
  const known = fact as SiteFact | DeploymentFact;
  const deploymentId = parseStreamId(streamId)?.id ?? '';
  switch (known.type) {
    case 'DeploymentActivated': {
      const { version, answer } = known.data;
      const next = { deploymentId, version, deviceId: answer.deviceId };
      return { next, stop: { ended: 'replaced', reason: null } };
    }
    case 'DeploymentRolledBack': {
      const { previousDeploymentId, answer } = known.data;
      const { deviceId, runningVersion, reason = null } = answer;
      const next =
        previousDeploymentId === null || runningVersion === null
          ? null
          : { deploymentId: previousDeploymentId, version: runningVersion, deviceId };
      const failed = running?.deploymentId === deploymentId || next === null;
      return { next, stop: failed ? { ended: 'rolledback', reason } : { ended: 'replaced', reason: null } };
    }
    case 'DeviceAssigned':
      return { next: null, stop: { ended: 'device-replaced', reason: null } };
    case 'SiteDecommissioned':
      return { next: null, stop: { ended: 'site-decommissioned', reason: known.data.reason } };
    case 'RetrainsPaused':
    case 'RetrainsResumed':
    case 'SiteRegistered':
    case 'SiteChanged':
    case 'RetrainScheduled':
    case 'DeploymentOffered':
    case 'DeploymentRejected':
    case 'DeploymentExpired':
    case 'DeploymentSuperseded':
    case 'LateAnswerRecorded':
      return null;
  }
}

export function noteSite(current: SiteNote | undefined, recorded: SequencedFact): SiteNote {
  const note: SiteNote = current ?? { note: 'site', running: null, stopped: null, started: null };
  const change = changeOf(note, recorded);
  const { running } = note;
  if (change === null || change.next?.deploymentId === running?.deploymentId)
    return { ...note, stopped: null, started: null };
  const { next, stop } = change;
  return {
    ...note,
    running: next === null ? null : { deploymentId: next.deploymentId, version: next.version },
    stopped: running === null ? null : { ...running, ...stop },
    started: next,
  };
}
