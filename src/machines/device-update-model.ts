import type { Assignment } from '../events/device-journal.ts';
import type { Stage } from './lifecycle.ts';

/** What the device's update machine knows, is asked and asks for. */

/**
 * The state is that of the latest attempt; what serves is in the context. `idle`: nothing is tried. From
 * `staged` to the end of `probation`, and in `rollingBack`, files are being moved or judged, and a newer
 * desired state waits the few seconds until that is settled.
 */
export type DeviceUpdateState =
  | 'idle'
  | 'downloading'
  | 'verifying'
  | 'staged'
  | 'activating'
  | 'probation'
  | 'watching'
  | 'active'
  | 'rollingBack'
  | 'rolledback'
  | 'rejected';

/** A model in one of the two places of the models folder. */
export interface InstalledModel {
  readonly deploymentId: string;
  readonly assignment: number;
  readonly version: string;
  readonly modelType: Assignment['modelType'];
  readonly artifact: Assignment['artifact'];
  /** Site clock; null before the proof and once the watch has passed. */
  readonly watchUntil: string | null;
}

export type AttemptStatus = 'active' | 'rolledback' | 'rejected';

/** How the latest attempt ended: what the cloud is told. */
export interface AttemptOutcome {
  readonly deploymentId: string;
  readonly assignment: number;
  readonly version: string;
  readonly status: AttemptStatus;
  readonly reason: string | null;
  readonly inferenceMs: number | null;
}

export interface DeviceUpdateContext {
  /** Highest assignment accepted; a lower one is refused. */
  readonly floor: number;
  /** `forecast.onnx`. */
  readonly running: InstalledModel | null;
  /** `forecast_previous.onnx`. */
  readonly previous: InstalledModel | null;
  /** The assignment being tried. */
  readonly attempt: Assignment | null;
  /** The model being taken back, and why. */
  readonly failure: { readonly model: InstalledModel; readonly reason: string } | null;
  readonly outcome: AttemptOutcome | null;
}

export type DeviceUpdateStage = Stage<DeviceUpdateState, DeviceUpdateContext>;

/** Commands that carry the assignment they answer for make no facts when that is no longer the one at work. */
export type DeviceUpdateCommand =
  | { readonly type: 'assign'; readonly target: Assignment }
  | { readonly type: 'refuse'; readonly target: Assignment; readonly reason: string }
  | {
      readonly type: 'confirm-running';
      readonly target: Assignment;
      readonly inferenceMs: number;
      readonly watchUntil: string;
    }
  | { readonly type: 'withdraw'; readonly assignment: number }
  | { readonly type: 'record-download'; readonly assignment: number; readonly bytes: number }
  | { readonly type: 'record-verification'; readonly assignment: number; readonly layoutVersion: number }
  /** Before any file is moved. */
  | { readonly type: 'begin-activation'; readonly assignment: number }
  | { readonly type: 'record-swap'; readonly assignment: number }
  | {
      readonly type: 'record-proof';
      readonly assignment: number;
      readonly inferenceMs: number;
      readonly watchUntil: string;
    }
  | { readonly type: 'reject'; readonly assignment: number; readonly reason: string }
  | { readonly type: 'fail'; readonly assignment: number; readonly reason: string }
  /** A person on site; no fact where nothing ran before, illegal while files are being moved. */
  | { readonly type: 'take-back'; readonly reason: string }
  | { readonly type: 'record-restoration'; readonly assignment: number; readonly restored: boolean }
  | { readonly type: 'end-watch'; readonly assignment: number }
  /** The previous model was kept long enough; no fact while what runs is moved, proven or watched. */
  | { readonly type: 'forget-previous'; readonly assignment: number };

/** Data of each effect that the machine requests. */
export interface DeviceUpdateEffects {
  /** Fetch the file into the models folder, beside what serves. */
  readonly 'download-model': { readonly target: Assignment };
  /** Check the file: checksum, size, loadable, of this site, of a known layout; and that there is history. */
  readonly 'verify-model': { readonly target: Assignment };
  /** Move files so that the new one is `forecast.onnx` and the one that serves `forecast_previous.onnx`. */
  readonly 'swap-model': { readonly target: Assignment; readonly running: InstalledModel | null };
  /** Load `forecast.onnx` and run it on the site's own features. */
  readonly 'prove-model': { readonly model: InstalledModel };
  readonly 'restore-previous': { readonly failed: InstalledModel; readonly previous: InstalledModel | null };
  /** Remove `forecast_previous.onnx`: nothing speaks of it any more. */
  readonly 'remove-previous': Readonly<Record<never, never>>;
  readonly 'send-answer': AttemptOutcome & { readonly runningVersion: string | null };
  /** Due at the end of the watch, on the site clock. */
  readonly 'end-watch': { readonly assignment: number };
}
export type DeviceUpdateEffectType = keyof DeviceUpdateEffects;
