/**
 * What must be unique or current across streams: a small table written in the transaction that appends the
 * facts which decide it. `claim` fails when the key is held by another value, `set` overwrites, `release`
 * removes the key when it holds the value.
 */
export const REGISTRY_KINDS = [
  /** systemId → jobId of the one job that is not finished. */
  'unfinished-job',
  /** `tenant/key` → jobId that the first request with this idempotency key made. */
  'idempotency-key',
  /** `tenant/key` → deploymentId that the first restore with this idempotency key made. */
  'restore-key',
  /** `systemId/slot` → jobId of the weekly retrain. */
  'weekly-slot',
  /** `systemId/version` → jobId that made this model version. */
  'model-version',
  /** systemId → the version made last. */
  'latest-model-version',
  /** systemId → layout version of the model made last. */
  'latest-model-layout',
  /** `systemId/assignment` → deploymentId. */
  'assignment',
  /** systemId → the assignment number given last. */
  'latest-assignment',
  /** systemId → deploymentId that is on offer. */
  'offered-deployment',
  /** systemId → deploymentId that runs on the site's device. */
  'running-deployment',
  /** `systemId/rule` → alertId of the one alert that is not resolved. */
  'open-alert',
  /** systemId → instant at which an alert last started a retrain. */
  'latest-alert-retrain',
  /** `tenant/site/rule`, `_` for all → instant until which such alerts are told to nobody. */
  'alert-silence',
  /** tenant → `stopped`, while its models do not go out by themselves. */
  'stopped-fleet',
  /** systemId → rolloutId of the one rollout that has not ended. */
  'rollout-site',
  /** `tenant/key` → rolloutId that the first request with this idempotency key made. */
  'rollout-key',
  /** systemId → deviceId. */
  'active-device',
  /** `systemId/deviceId/installationId` → how much of that device journal is copied, as JSON. */
  'device-journal',
  /** deviceId → facts of its journals copied and held back on the latest day, as JSON. */
  'journal-quota',
] as const;
export type RegistryKind = (typeof REGISTRY_KINDS)[number];

export interface RegistryOperation {
  readonly operation: 'claim' | 'set' | 'release';
  readonly kind: RegistryKind;
  readonly key: string;
  readonly value: string;
}
