import type { DeploymentFact } from '../../events/deployment.ts';
import { type AnswerStatus, type DeploymentStage, deployment } from '../../machines/deployment.ts';
import type { Ack, DeviceReport } from '../../ota/messages.ts';
import type { CloudDependencies } from '../dependencies.ts';
import { againAfterRaces } from '../races.ts';
import { type LoadedDeployment, loadDeployment, offerOf } from '../streams.ts';
import { restoredDeployment } from './restored.ts';
import type { Verdict } from './verdict.ts';

/** What a device's word becomes where it changes something. */
const FACTS: Readonly<Record<AnswerStatus, DeploymentFact['type']>> = {
  active: 'DeploymentActivated',
  rolledback: 'DeploymentRolledBack',
  rejected: 'DeploymentRejected',
};

/** Answers of one deployment that are recorded although they change nothing; a faulty device repeats itself forever. */
const ANSWER_QUOTA = 100;

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

type StatementDependencies = Pick<CloudDependencies, 'log' | 'actors' | 'clocks'>;

/** What is told of statements that were folded. */
interface StatementObserver {
  /** It was folded before. */
  repeated(): void;
  /** The deployment was settled, so many seconds of the site clock after it was offered. */
  answered(status: AnswerStatus, seconds: number): void;
}
type Offer = ReturnType<typeof offerOf>;

function originOf({ tenant, jobId, systemId, deploymentId }: Offer, { answer }: Statement) {
  const { deviceId: actor, messageId: causationId } = answer;
  return { actor, tenant, systemId, correlationId: jobId ?? deploymentId, causationId };
}

/** Folds what devices say about deployments. */
export function createStatements(cloud: StatementDependencies, observer: StatementObserver) {
  const { log, actors, clocks } = cloud;

  /** Whether a model of a later assignment runs on the site's device already. */
  async function overtaken({ systemId, assignment }: Offer): Promise<boolean> {
    const running = await log.lookup('running-deployment', systemId);
    return running !== null && offerOf(await loadDeployment(actors, running)).assignment > assignment;
  }

  /** How long the device took; what only repeats or comes after the first answer says nothing of that. */
  function tellAnswer({ status }: Statement, { stage, facts: [offered] }: LoadedDeployment): void {
    if (offered === undefined || stage.state !== 'offered') return;
    const tookMs = clocks.site.now().getTime() - Date.parse(offered.metadata.at);
    observer.answered(status, Math.max(0, tookMs) / 1000);
  }

  async function commandOf({ status, answer }: Statement, offer: Offer) {
    const command = { type: 'answer', status, answer, overtaken: await overtaken(offer) } as const;
    if (status !== 'rolledback') return command;
    return { ...command, restored: await restoredDeployment(cloud, offer, answer.runningVersion) };
  }

  /** Decided on what was read just now: the append fails when the deployment has moved on meanwhile. */
  async function fold(statement: Statement, loaded: LoadedDeployment): Promise<void> {
    const offer = offerOf(loaded);
    const command = await commandOf(statement, offer);
    const append = actors.prepare(deployment, loaded, command, originOf(offer, statement));
    if (append === null) {
      observer.repeated();
      return;
    }
    await log.commit({ appends: [append] });
    tellAnswer(statement, loaded);
  }

  const settle = (systemId: string, statement: Statement): Promise<Verdict | null> =>
    againAfterRaces(async () => {
      const loaded = await loadDeployment(actors, statement.deploymentId);
      const verdict = unsettled(loaded.stage, systemId, statement);
      if (verdict === null) await fold(statement, loaded);
      return verdict;
    });

  const takeAck = (systemId: string, { deploymentId, version: _, status, ...answer }: Ack) =>
    settle(systemId, { deploymentId, status, answer });

  /** A report speaks only where its answer is news: the ack, if it comes, is the fuller record. */
  async function takeReport(systemId: string, report: DeviceReport): Promise<Verdict | null> {
    const statement = statementOf(report);
    if (statement === null) return null;
    const { stage } = await loadDeployment(actors, statement.deploymentId);
    return stage.state === 'new' || isNews(stage, statement.status) ? settle(systemId, statement) : null;
  }

  return { takeAck, takeReport };
}
