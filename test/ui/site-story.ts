import { randomUUID } from 'node:crypto';
import { createStreamActors } from '../../src/actors/stream-actor.ts';
import type { OpenedAlert } from '../../src/events/alert.ts';
import { streamId } from '../../src/events/stream-id.ts';
import { alert } from '../../src/machines/alert.ts';
import { systemClocks } from '../../src/ports/clocks.ts';
import type { ServerUnderTest } from '../http/server-under-test.ts';
import { appendDeployed, appendKept, appendModel } from '../http/stories.ts';

/** A site as it stands after some weeks, written to a real server. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** São Paulo is three hours behind UTC all year. */
const ZONE_MS = -3 * HOUR_MS;

const settings = {
  zone: 'America/Sao_Paulo',
  tariff: 'verde',
  ratedKw: 500,
  contract: { peakKw: 620, offPeakKw: 760, peakHours: [18, 19, 20], tolerance: 5 },
  eventFlags: [{ label: 'kiln', hours: [14, 15], weekdays: [1] }],
};

/** Load by local hour with a little of everything; kW. */
function loadAt(at: number): number {
  const local = new Date(at + ZONE_MS);
  const hour = local.getUTCHours();
  const weekend = [0, 6].includes(local.getUTCDay()) ? 0.6 : 1;
  const noise = 14 * Math.sin(at / 5e6) + 9 * Math.sin(at / 1.3e6);
  return weekend * (240 + 380 * Math.exp(-((hour - 14) ** 2) / 22)) + noise;
}

const forecastFor = (at: number): number =>
  loadAt(at) *
  (1 + 0.05 * Math.sin(at / 9e6) + ([17, 18].includes(new Date(at + ZONE_MS).getUTCHours()) ? 0.16 : 0));

const thisHour = (): number => Math.floor(Date.now() / HOUR_MS) * HOUR_MS;

async function addReadings({ postgres }: ServerUnderTest, systemId: string): Promise<void> {
  const now = thisHour();
  const readings = Array.from({ length: 14 * 24 }, (_, i) => {
    const at = now - (14 * 24 - i) * HOUR_MS;
    return { hour: new Date(at).toISOString(), loadKw: Math.round(loadAt(at) * 10) / 10 };
  });
  await postgres.telemetry.write(systemId, readings);
}

async function addForecast({ postgres }: ServerUnderTest, systemId: string): Promise<void> {
  const now = thisHour();
  const hours = Array.from({ length: 48 }, (_, i) => {
    const at = now + i * HOUR_MS;
    const load = forecastFor(at);
    const peak = Math.exp(-((new Date(at + ZONE_MS).getUTCHours() - 14) ** 2) / 3) / 3.1;
    return {
      ...{ hour: new Date(at).toISOString(), loadKw: load, lowerKw: load - 30 - i, upperKw: load + 35 + i },
      ...{ peakProbability: i < 44 ? peak : null, exceedanceProbability: Math.min(1, peak * 1.5) },
      exceedanceBasis: 'max15' as const,
    };
  });
  const issuedAt = new Date(now).toISOString();
  await postgres.forecasts.save({
    ...{ systemId, issuedAt, version: '1.1.0', modelType: 'ensemble', deviceId: 'dev-1', hours },
  });
}

async function addScores({ postgres }: ServerUnderTest, systemId: string, days: number): Promise<void> {
  const today = Math.floor((Date.now() + ZONE_MS) / DAY_MS) * DAY_MS;
  for (let ago = 1; ago <= days; ago += 1) {
    const day = new Date(today - ago * DAY_MS).toISOString().slice(0, 10);
    const start = today - ago * DAY_MS - ZONE_MS;
    const hours = Array.from({ length: 24 }, (_, i) => start + i * HOUR_MS);
    const forecast = hours.map(forecastFor);
    await postgres.pool.query(
      `insert into lifo4.score_day (system_id, model, day, issued_at, model_type, version, forecast_kw, lower_kw,
         upper_kw, actual_kw, hours, excluded, suspect, mape, wape, rmse, coverage)
       values ($1, 'device', $2, $3, 'ensemble', '1.1.0', $4, $5, $6, $7, 24, 0, 0, $8, $8, 21, 0.9)`,
      [
        ...[systemId, day, new Date(start), forecast, forecast.map((kw) => kw - 40)],
        ...[forecast.map((kw) => kw + 40), hours.map(loadAt), 0.04 + 0.02 * Math.sin(ago)],
      ],
    );
  }
}

const actorsOf = ({ postgres }: ServerUnderTest) =>
  createStreamActors({ log: postgres.log, clocks: systemClocks(), newId: randomUUID });

const originOf = (systemId: string) => ({ actor: 'cloud', tenant: 'acme', systemId, correlationId: 'story' });

/** An alert on two hours of the afternoon, with an event flag to accept. */
export async function openAlert(
  server: ServerUnderTest,
  systemId: string,
  alertId: string,
  rule: OpenedAlert['rule'] = 'hour-errors',
): Promise<void> {
  const day = new Date(Date.now() - DAY_MS).toISOString().slice(0, 10);
  const evidence = {
    limit: 0.15,
    days: [{ day, error: 0.1234, rmseKw: 41.5 }],
    hours: [
      { hour: 17, error: 0.21, days: 6 },
      { hour: 18, error: 0.18, days: 5 },
    ],
    ...{ weeks: null, suspectHours: 0 },
  };
  const opened = {
    ...({ alertId, systemId, tenant: 'acme', rule, day, evidence } as const),
    actions: ['add-event-flag' as const, 'retrain-on-recent-data' as const],
    proposedFlag: { label: 'hours-17-18', hours: [17, 18] },
  };
  await actorsOf(server).send(
    alert,
    streamId('alert', alertId),
    { type: 'open', alert: opened },
    originOf(systemId),
  );
}

/** A site with readings, forecasts, scores, three versions of which the second is in service, and an alert. */
export async function tellSite(server: ServerUnderTest, systemId: string): Promise<void> {
  const token = await server.token();
  const answer = await server.call('PUT', `/api/v1/systems/${systemId}`, { token, json: settings });
  if (answer.status !== 201) throw new Error(answer.text);
  const { log } = server.postgres;
  const story = (n: number) => ({ jobId: `${systemId}-job-${n}`, systemId, version: `1.${n}.0` });
  for (const n of [0, 1]) {
    await appendModel(log, story(n));
    await appendDeployed(log, story(n), `${systemId}-dep-${n}`, n + 1);
  }
  await appendModel(log, story(2));
  await appendKept(log, story(2));
  await addReadings(server, systemId);
  await addForecast(server, systemId);
  await addScores(server, systemId, 30);
  await openAlert(server, systemId, `${systemId}-alert`);
}
