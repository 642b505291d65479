import { setTimeout as sleep } from 'node:timers/promises';
import type { JobView } from '../../cloud/control-plane.ts';
import type { StoredForecast } from '../../ports/telemetry.ts';
import type { Cloud } from '../cloud.ts';
import type { Screen } from '../terminal/screen.ts';
import { QUICK_START } from './seed-site.ts';
import { forecastTable, memberTable, scoreLine } from './tables.ts';
import { watchJob } from './watch-job.ts';
import type { World } from './world.ts';

interface Watching {
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

const TOKEN_SECONDS = 12 * 3600;
const FORECAST_PATIENCE_MS = 60_000;
const LOOK_MS = 200;

/** The site's unfinished job, or a new one when nothing runs or waits there yet. */
export async function jobOf({ postgres, control }: Cloud, systemId: string): Promise<string | null> {
  const { log } = postgres;
  const unfinished = await log.lookup('unfinished-job', systemId);
  if (unfinished !== null) return unfinished;
  const deployment =
    (await log.lookup('running-deployment', systemId)) ?? (await log.lookup('offered-deployment', systemId));
  if (deployment !== null) return null;
  const wishes = {
    modelType: 'ensemble',
    members: 'all',
    trainingWindowDays: 90,
    forceRedeploy: false,
  } as const;
  return (await control.requestRetrain(QUICK_START, { systemId, ...wishes })).jobId;
}

/** What the job's last fact gives as its reason, for a job that ended without a model in service. */
function reasonOf({ facts }: JobView): string {
  const data = facts.at(-1)?.fact.data;
  const reason = typeof data === 'object' && data !== null && 'reason' in data ? data.reason : null;
  return typeof reason === 'string' ? reason : 'see its facts in the console';
}

/** Follows the site's first training to its end at the device. Returns whether a model serves there. */
export async function trainAndDeploy(
  cloud: Cloud,
  systemId: string,
  { screen, signal }: Watching,
): Promise<boolean> {
  // Ctrl-C while storage and site came up: no training is begun that nobody waits for.
  const jobId = signal.aborted ? null : await jobOf(cloud, systemId);
  if (jobId === null) return true;
  const view = await watchJob(cloud.control, jobId, screen, signal);
  const { state, context } = view.stage;
  const { evaluation } = context;
  if (evaluation !== null)
    for (const line of [...memberTable(evaluation.members), scoreLine(evaluation)]) screen.line(line);
  if (state === 'acked')
    screen.done(`the device runs model ${screen.colors.bold(evaluation?.version ?? '')}`);
  else if (!signal.aborted) screen.problem(`the job ended ${state}: ${reasonOf(view)}`);
  return state === 'acked';
}

/** The device's forecast, by a model where one serves, as soon as there is one; null when it takes too long. */
async function firstForecast(
  { postgres }: Cloud,
  systemId: string,
  { screen, signal }: Watching,
  modelServes: boolean,
): Promise<StoredForecast | null> {
  const deadline = performance.now() + FORECAST_PATIENCE_MS;
  while (!signal.aborted && performance.now() < deadline) {
    const forecast = await postgres.forecasts.latest(systemId);
    if (forecast !== null && (forecast.version !== null || !modelServes)) return forecast;
    screen.progress('waiting for the device’s first forecast', '');
    await sleep(LOOK_MS);
  }
  return null;
}

export async function showForecast(
  cloud: Cloud,
  { systemId, zone }: World,
  watching: Watching,
  modelServes: boolean,
): Promise<void> {
  const { screen, signal } = watching;
  const forecast = await firstForecast(cloud, systemId, watching, modelServes);
  if (forecast !== null) for (const line of forecastTable(forecast, zone)) screen.line(line);
  else if (!signal.aborted) screen.problem('no forecast from the device yet: see its log in the data folder');
}

/** Where to look next: console, API, log, and a call to try. */
export async function showDoors(
  { url, tokens }: Cloud,
  systemId: string,
  { screen, logFile }: { readonly screen: Screen; readonly logFile: string },
): Promise<void> {
  const scopes = ['ml:read', 'ml:train', 'ml:deploy', 'telemetry:write', 'admin'] as const;
  const token = await tokens.issue({
    subject: QUICK_START.actor,
    tenant: QUICK_START.tenant,
    scopes,
    ttlSeconds: TOKEN_SECONDS,
  });
  const { bold, dim } = screen.colors;
  screen.line('');
  screen.line(`  ${bold('Console')}  ${url}/ui/#token=${token}`);
  screen.line(`  ${bold('API')}      ${url}/docs`);
  screen.line(`  ${bold('Log')}      ${logFile}`);
  screen.line('');
  screen.line(dim('  Retrain the site:'));
  screen.line(`  TOKEN=${token}`);
  screen.line(
    `  curl -X POST ${url}/api/v1/ml/retrain -H "Authorization: Bearer $TOKEN" -d '{"systemId": "${systemId}"}'`,
  );
  screen.line('');
  screen.line(dim('  Ctrl-C ends everything; the next start resumes.'));
}
