import type { Logger } from 'pino';
import type { DeploymentFact } from '../../events/deployment.ts';
import { type AnswerStatus, type DeploymentStage, deployment } from '../../machines/deployment.ts';
import {
  type Ack,
  type DeviceReport,
  type ForecastMessage,
  parseUplink,
  type TelemetryMessage,
} from '../../ota/messages.ts';
import { MalformedMessage } from '../../ota/wire.ts';
import type { UplinkKind, UplinkMessage } from '../../ports/device-link.ts';
import type { ForecastHour } from '../../ports/telemetry.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { loadDeployment, offerOf } from '../streams.ts';
import { futureReadings, isFuture } from './readings.ts';
import { restoredDeployment } from './restored.ts';

/** Why a device's message was not taken. Every refusal is logged and counted. */
export type UplinkRefusal =
  | 'malformed'
  | 'foreign-device'
  | 'unknown-deployment'
  | 'answer-quota'
  | 'future-readings'
  | 'future-forecast';

export interface UplinkObserver {
  accepted(kind: UplinkKind): void;
  refused(kind: UplinkKind, refusal: UplinkRefusal): void;
}

/** What a device's word becomes where it changes something. */
const FACTS: Readonly<Record<AnswerStatus, DeploymentFact['type']>> = {
  active: 'DeploymentActivated',
  rolledback: 'DeploymentRolledBack',
  rejected: 'DeploymentRejected',
};

/** Answers of one deployment that are recorded although they change nothing; a faulty device repeats itself forever. */
const ANSWER_QUOTA = 100;

/** By how much a device's clock may run ahead when a new hour begins. */
const CLOCK_TOLERANCE_MS = 5 * 60_000;

interface Verdict {
  readonly refusal: UplinkRefusal;
  readonly detail: string;
}

type UplinkDependencies = Pick<CloudDependencies, 'log' | 'actors' | 'telemetry' | 'forecasts' | 'clocks'>;

/** What a device says about a deployment, from an ack or from its retained state. */
interface Statement {
  readonly deploymentId: string;
  readonly status: AnswerStatus;
  readonly answer: Omit<Ack, 'deploymentId' | 'version' | 'status'>;
}

/** A state report that settles an attempt says what its ack says; the ack may have been lost with the broker. */
function statementOf(report: DeviceReport): Statement | null {
  const { attempted, deviceId, at } = report;
  if (attempted === null || attempted.status === 'trying') return null;
  const { deploymentId, assignment, status, reason } = attempted;
  // The same id for the same outcome, so that a report repeated at every connect is folded once.
  const messageId = `${deploymentId}-${status}`;
  const runningVersion = report.running?.version ?? null;
  const why = reason === undefined ? {} : { reason };
  return { deploymentId, status, answer: { messageId, deviceId, assignment, runningVersion, at, ...why } };
}

/** Whether the answer would change the deployment, and not only be recorded. */
const isNews = (stage: DeploymentStage, status: AnswerStatus): boolean =>
  deployment.legalFacts(stage).includes(FACTS[status]);

/** Why a statement is not to be folded, null when it is. */
function unsettled(
  stage: DeploymentStage,
  systemId: string,
  { deploymentId, status, answer }: Statement,
): Verdict | null {
  const { offer, answeredBy } = stage.context;
  if (offer === null || offer.systemId !== systemId || offer.deviceId !== answer.deviceId) {
    return {
      refusal: 'unknown-deployment',
      detail: `no deployment ${deploymentId} was offered to this device`,
    };
  }
  if (answeredBy.length < ANSWER_QUOTA || isNews(stage, status)) return null;
  return {
    refusal: 'answer-quota',
    detail: `deployment ${deploymentId} has ${ANSWER_QUOTA} answers; this one changes nothing and is not recorded`,
  };
}

/** The hours, each with what its chance of exceedance is about: on the way it is said once, to save data. */
const hoursOf = ({ hours, exceedanceBasis }: ForecastMessage): readonly ForecastHour[] =>
  hours.map(({ exceedanceProbability, ...hour }) =>
    exceedanceProbability === undefined || exceedanceBasis === undefined
      ? hour
      : { ...hour, exceedanceProbability, exceedanceBasis },
  );

export function createUplinkIngest(cloud: UplinkDependencies, observer: UplinkObserver, logger: Logger) {
  const { log, actors, telemetry, forecasts, clocks } = cloud;

  /** Whether a model of a later assignment runs on the site's device already. */
  async function overtaken(systemId: string, assignment: number): Promise<boolean> {
    const running = await log.lookup('running-deployment', systemId);
    return running !== null && offerOf(await loadDeployment(actors, running)).assignment > assignment;
  }

  async function settle(
    systemId: string,
    { deploymentId, status, answer }: Statement,
  ): Promise<Verdict | null> {
    const loaded = await loadDeployment(actors, deploymentId);
    const verdict = unsettled(loaded.stage, systemId, { deploymentId, status, answer });
    const { offer } = loaded.stage.context;
    if (verdict !== null || offer === null) return verdict;
    const command = {
      type: 'answer',
      status,
      answer,
      overtaken: await overtaken(systemId, offer.assignment),
      ...(status === 'rolledback'
        ? { restored: await restoredDeployment(cloud, offer, answer.runningVersion) }
        : {}),
    } as const;
    const origin = {
      actor: answer.deviceId,
      tenant: offer.tenant,
      systemId,
      correlationId: offer.jobId ?? deploymentId,
      causationId: answer.messageId,
    };
    await actors.send(deployment, loaded.streamId, command, origin);
    return null;
  }

  const takeAck = (systemId: string, { deploymentId, version: _, status, ...answer }: Ack) =>
    settle(systemId, { deploymentId, status, answer });

  /** A report speaks only where its answer is news: the ack, if it comes, is the fuller record. */
  async function takeReport(systemId: string, report: DeviceReport): Promise<Verdict | null> {
    const statement = statementOf(report);
    if (statement === null) return null;
    const { stage } = await loadDeployment(actors, statement.deploymentId);
    return stage.state === 'new' || isNews(stage, statement.status) ? settle(systemId, statement) : null;
  }

  async function takeReadings(systemId: string, { readings }: TelemetryMessage): Promise<Verdict | null> {
    const future = futureReadings(readings, clocks.site.now());
    if (future.length > 0)
      return { refusal: 'future-readings', detail: `readings from ${future[0]} on lie in the future` };
    await telemetry.write(systemId, readings);
    return null;
  }

  /** One that a fast clock dated ahead would be the latest until that time has come. */
  async function takeForecast(systemId: string, message: ForecastMessage): Promise<Verdict | null> {
    const { deviceId, issuedAt, version, modelType } = message;
    const latest = new Date(clocks.site.now().getTime() + CLOCK_TOLERANCE_MS);
    if (isFuture(issuedAt, latest)) {
      return {
        refusal: 'future-forecast',
        detail: `a forecast issued at ${issuedAt} lies in the future: set the device's clock`,
      };
    }
    await forecasts.save({ systemId, issuedAt, version, modelType, deviceId, hours: hoursOf(message) });
    return null;
  }

  async function take({ kind, systemId, payload }: UplinkMessage): Promise<Verdict | null> {
    const { deviceId } = parseUplink(kind, payload);
    if (deviceId !== (await log.lookup('active-device', systemId))) {
      return { refusal: 'foreign-device', detail: `${deviceId} is not the active device of this site` };
    }
    switch (kind) {
      case 'ack':
        return takeAck(systemId, parseUplink(kind, payload));
      case 'state':
        return takeReport(systemId, parseUplink(kind, payload));
      case 'telemetry':
        return takeReadings(systemId, parseUplink(kind, payload));
      case 'forecast':
        return takeForecast(systemId, parseUplink(kind, payload));
      case 'progress': {
        const { phase, version, share } = parseUplink(kind, payload);
        logger.debug({ systemId, phase, version, share }, 'device progress');
        return null;
      }
    }
  }

  async function judged(message: UplinkMessage): Promise<Verdict | null> {
    try {
      return await take(message);
    } catch (error) {
      // The same bytes are wrong again at every delivery: refused for good. Other errors ask for another delivery.
      if (error instanceof MalformedMessage) return { refusal: 'malformed', detail: error.message };
      throw error;
    }
  }

  return async (message: UplinkMessage): Promise<void> => {
    const { kind, systemId } = message;
    const verdict = await judged(message);
    if (verdict === null) {
      observer.accepted(kind);
      return;
    }
    observer.refused(kind, verdict.refusal);
    logger.warn({ systemId, kind, ...verdict }, 'device message refused');
  };
}
