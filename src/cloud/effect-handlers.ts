import type { EffectHandler } from '../actors/effect-handler.ts';
import type { CloudDependencies, TrainingDependencies } from './dependencies.ts';
import { actOnAlert, notifyAlert, publishAlerts } from './effects/alert-effects.ts';
import { collectData } from './effects/collect-data.ts';
import {
  expireDeployment,
  publishDesired,
  remindDevice,
  reportOutcome,
  restoreDesired,
} from './effects/desired-state-effects.ts';
import { equipDevice } from './effects/equip-device.ts';
import { evaluateVersion, stopEvaluation } from './effects/evaluate-version.ts';
import { fitModel } from './effects/fit-model.ts';
import { judgeModel } from './effects/judge-model.ts';
import { advanceRollout, endSoak } from './effects/rollout-effects.ts';
import { publishConfig, revokeCredential, stopWork, withdrawSite } from './effects/site-effects.ts';
import { sortFiles } from './effects/sort-files.ts';
import { trainModels } from './effects/train-models.ts';
import { planWeeklyRetrain, startWeeklyRetrain } from './effects/weekly-retrain.ts';

/** The effects of the slow lane: all that a worker does. */
export function createTrainingHandlers(cloud: TrainingDependencies): ReadonlyMap<string, EffectHandler> {
  const { sharing } = cloud;
  const fits: [string, EffectHandler][] =
    sharing === undefined ? [] : [['fit-model', fitModel(cloud, sharing)]];
  return new Map([
    ['train-models', trainModels(cloud)],
    ['evaluate-version', evaluateVersion(cloud)],
    ...fits,
  ]);
}

/** What each effect that the cloud's machines request does. */
export function createEffectHandlers(cloud: CloudDependencies): ReadonlyMap<string, EffectHandler> {
  return new Map([
    ['collect-data', collectData(cloud)],
    ...createTrainingHandlers(cloud),
    ['judge-model', judgeModel(cloud)],
    ['stop-work', stopWork(cloud)],
    ['publish-desired', publishDesired(cloud)],
    ['restore-desired', restoreDesired(cloud)],
    ['remind-device', remindDevice(cloud)],
    ['expire-deployment', expireDeployment(cloud)],
    ['report-outcome', reportOutcome(cloud)],
    ['stop-evaluation', stopEvaluation(cloud)],
    ['sort-files', sortFiles(cloud)],
    ['plan-weekly-retrain', planWeeklyRetrain(cloud)],
    ['start-weekly-retrain', startWeeklyRetrain(cloud)],
    ['equip-device', equipDevice(cloud)],
    ['publish-config', publishConfig(cloud)],
    ['publish-alerts', publishAlerts(cloud)],
    ['notify-alert', notifyAlert(cloud)],
    ['act-on-alert', actOnAlert(cloud)],
    ['advance-rollout', advanceRollout(cloud)],
    ['end-soak', endSoak(cloud)],
    ['withdraw-site', withdrawSite(cloud)],
    ['revoke-credential', revokeCredential(cloud)],
  ]);
}
