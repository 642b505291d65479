import { createAlertControl } from './control/alert-control.ts';
import { createCarryControl } from './control/carry-control.ts';
import { createEvaluationControl } from './control/evaluation-control.ts';
import { createFleetControl } from './control/fleet-control.ts';
import { createInstantControl } from './control/instant-control.ts';
import { createJobControl } from './control/job-control.ts';
import { createRestoreControl } from './control/restore-control.ts';
import { createRolloutControl } from './control/rollout-control.ts';
import { createSiteControl } from './control/site-control.ts';
import type { ControlPlane } from './control-plane.ts';
import type { CloudDependencies } from './dependencies.ts';

/** What people and programs can ask of this node, over its ports. */
export const createControlPlane = (cloud: CloudDependencies): ControlPlane => ({
  ...createSiteControl(cloud),
  ...createJobControl(cloud),
  ...createEvaluationControl(cloud),
  ...createRestoreControl(cloud),
  ...createCarryControl(cloud),
  ...createAlertControl(cloud),
  ...createFleetControl(cloud),
  ...createRolloutControl(cloud),
  ...createInstantControl(cloud),
});
