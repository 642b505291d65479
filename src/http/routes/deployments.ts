import type { RecordedFact } from '../../events/envelope.ts';
import { streamId } from '../../events/stream-id.ts';
import type { EventLog } from '../../ports/event-log.ts';
import type { DeploymentDocument } from '../../projections/documents.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { foldDeployment, presentDeployment } from '../present/deployment.ts';
import { presentFact } from '../present/fact.ts';
import { needs, type Person } from '../principal.ts';
import { answers } from '../schemas/answers.ts';
import { AfterVersion, DeploymentParams, FactList } from '../schemas/common.ts';
import { DeploymentFilter, DeploymentPage, DeploymentSchema } from '../schemas/deployments.ts';
import { listedSites, noDeployment, sees } from '../visible.ts';

type DeploymentDependencies = Pick<HttpDependencies, 'log' | 'readModels'>;

const tags = ['deployments'];

async function visibleFacts(
  log: EventLog,
  person: Person,
  deploymentId: string,
): Promise<readonly RecordedFact[]> {
  const facts = await log.readStream(streamId('deployment', deploymentId));
  const first = facts.at(0);
  if (first === undefined || !sees(person, first)) throw noDeployment(deploymentId);
  return facts;
}

function deploymentListRoute(app: App, { readModels }: DeploymentDependencies): void {
  app.get(
    '/ml/deployments',
    {
      config: { access: needs('ml:read') },
      schema: {
        tags,
        operationId: 'listDeployments',
        summary: 'Deployments, newest first',
        querystring: DeploymentFilter,
        response: answers({ 200: DeploymentPage }),
      },
    },
    async (request) => {
      const { systemId, status, limit, cursor } = request.query;
      const person = personOf(request);
      const page = await readModels.list<DeploymentDocument>('deployments', {
        tenant: person.tenant,
        systemIds: listedSites(person, systemId),
        status,
        limit,
        cursor,
      });
      return { items: page.items.map(presentDeployment), nextCursor: page.nextCursor };
    },
  );
}

function deploymentRoute(app: App, { log }: DeploymentDependencies): void {
  app.get(
    '/ml/deployments/:deploymentId',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'getDeployment',
        summary: 'One deployment',
        params: DeploymentParams,
        response: answers({ 200: DeploymentSchema }),
      },
    },
    async (request) => {
      const { deploymentId } = request.params;
      // From the log itself: whoever was just told of a deployment may ask for it before the lists have it.
      const document = foldDeployment(await visibleFacts(log, personOf(request), deploymentId));
      if (document === null) throw noDeployment(deploymentId);
      return presentDeployment(document);
    },
  );
}

function deploymentEventsRoute(app: App, { log }: DeploymentDependencies): void {
  app.get(
    '/ml/deployments/:deploymentId/events',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'listDeploymentEvents',
        summary: 'The facts of a deployment, oldest first',
        params: DeploymentParams,
        querystring: AfterVersion,
        response: answers({ 200: FactList }),
      },
    },
    async (request) => {
      const facts = await visibleFacts(log, personOf(request), request.params.deploymentId);
      return { items: facts.filter(({ version }) => version > request.query.after).map(presentFact) };
    },
  );
}

export const deploymentRoutes =
  (dependencies: DeploymentDependencies) =>
  async (app: App): Promise<void> => {
    deploymentListRoute(app, dependencies);
    deploymentRoute(app, dependencies);
    deploymentEventsRoute(app, dependencies);
  };
