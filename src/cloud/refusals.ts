/** How the control plane refuses. Every message says what to do. */

/** Nothing with this id that the caller may see. */
export class NotFound extends Error {
  override readonly name = 'NotFound';
  readonly what: string;
  readonly id: string;

  constructor(what: string, id: string, hint: string) {
    super(`no ${what} ${JSON.stringify(id.slice(0, 80))}: ${hint}`);
    this.what = what;
    this.id = id;
  }
}

/** The request is well-formed but cannot be done; the message says what to change. */
export class Invalid extends Error {
  override readonly name = 'Invalid';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The file of a version is not in the store, or is not what was trained; the message says what to do. */
export class VersionUnusable extends Error {
  override readonly name = 'VersionUnusable';
  readonly code: 'artifact-gone' | 'artifact-corrupt';

  constructor(code: 'artifact-gone' | 'artifact-corrupt', message: string) {
    super(message);
    this.code = code;
  }
}

/** Why a version cannot be restored as things stand. `gone` when it never can be again. */
export type RestoreRefusal =
  | 'site-decommissioned'
  | 'no-device'
  | 'not-judged-yet'
  | 'already-running'
  | 'restore-under-way'
  | 'artifact-gone'
  | 'artifact-corrupt'
  | 'key-names-another';

export class RestoreRefused extends Error {
  override readonly name = 'RestoreRefused';
  readonly code: RestoreRefusal;
  /** The deployment that stands in the way, if it is one. */
  readonly deploymentId: string | null;

  constructor(code: RestoreRefusal, message: string, deploymentId: string | null = null) {
    super(message);
    this.code = code;
    this.deploymentId = deploymentId;
  }
}

/** Why a rollout cannot begin or go on as things stand. */
export class RolloutRefused extends Error {
  override readonly name = 'RolloutRefused';
  readonly code: 'fleet-stopped' | 'site-in-rollout';
  /** The rollout that stands in the way, if it is one. */
  readonly rolloutId: string | null;

  constructor(code: RolloutRefused['code'], message: string, rolloutId: string | null = null) {
    super(message);
    this.code = code;
    this.rolloutId = rolloutId;
  }
}

/** At most one job of a site is unfinished. */
export class JobRunning extends Error {
  override readonly name = 'JobRunning';
  readonly systemId: string;
  readonly jobId: string;

  constructor(systemId: string, jobId: string) {
    super(`site ${systemId} already has an unfinished job ${jobId}: wait for it, or cancel it first`);
    this.systemId = systemId;
    this.jobId = jobId;
  }
}
