import { alert } from './alert.ts';
import { alertSilence } from './alert-silence.ts';
import { deployment } from './deployment.ts';
import { device } from './device.ts';
import { deviceUpdate } from './device-update.ts';
import { evaluation } from './evaluation.ts';
import { fleet } from './fleet.ts';
import type { Lifecycle } from './lifecycle.ts';
import { rollout } from './rollout.ts';
import { site } from './site.ts';
import { trainingJob } from './training-job.ts';

/** Every machine that facts are folded by, in the order in which people read about them. */
export const machines: readonly Lifecycle[] = [
  trainingJob,
  deployment,
  site,
  device,
  deviceUpdate,
  alert,
  alertSilence,
  fleet,
  evaluation,
  rollout,
];

/** The machine of that name, null when there is none. */
export const machineByName = (name: string): Lifecycle | null =>
  machines.find((machine) => machine.name === name) ?? null;
