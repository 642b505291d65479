import type { DeploymentDocument, JobDocument } from '../../projections/documents.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { presentFact } from '../present/fact.ts';
import { presentJob, presentPublicJob } from '../present/job.ts';
import { callerOf, needs, optionally } from '../principal.ts';
import { answers } from '../schemas/answers.ts';
import { AfterVersion, FactList, JobParams } from '../schemas/common.ts';
import { CancelBody, JobFilter, JobPage, JobSchema } from '../schemas/jobs.ts';
import { listedSites, visibleJob } from '../visible.ts';

type JobDependencies = Pick<HttpDependencies, 'control' | 'readModels'>;

const tags = ['training'];

function jobStatusRoute(app: App, { control, readModels }: JobDependencies): void {
  app.get(
    '/ml/training-jobs/:jobId',
    {
      config: { access: optionally('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'getTrainingJob',
        summary: 'State and progress of a training job',
        description:
          'Without a token: state, progress and times, for whoever knows the id. With one: all the rest.',
        params: JobParams,
        response: answers({ 200: JobSchema }),
      },
    },
    async ({ params: { jobId }, principal }) => {
      const view = await visibleJob(control, principal, jobId);
      if (principal === null) return presentPublicJob(jobId, view);
      const { deploymentId } = view.stage.context;
      const document =
        deploymentId === null ? null : await readModels.get<DeploymentDocument>('deployments', deploymentId);
      return presentJob(jobId, view, document);
    },
  );
}

function jobListRoute(app: App, { readModels }: JobDependencies): void {
  app.get(
    '/ml/training-jobs',
    {
      config: { access: needs('ml:read') },
      schema: {
        tags,
        operationId: 'listTrainingJobs',
        summary: 'Training jobs, newest first',
        querystring: JobFilter,
        response: answers({ 200: JobPage }),
      },
    },
    async (request) => {
      const { systemId, status, limit, cursor } = request.query;
      const person = personOf(request);
      const page = await readModels.list<JobDocument>('jobs', {
        tenant: person.tenant,
        systemIds: listedSites(person, systemId),
        status,
        limit,
        cursor,
      });
      return {
        items: page.items.map(({ tenant: _tenant, ...row }) => row),
        nextCursor: page.nextCursor,
      };
    },
  );
}

function jobCancelRoute(app: App, { control }: JobDependencies): void {
  app.post(
    '/ml/training-jobs/:jobId/cancel',
    {
      config: { access: needs('ml:train'), refusals: [404, 409] },
      schema: {
        tags,
        operationId: 'cancelTrainingJob',
        summary: 'Cancel a job that is pending, training or evaluated',
        params: JobParams,
        body: CancelBody,
        response: answers({ 200: JobSchema }),
      },
    },
    async (request) => {
      const { jobId } = request.params;
      const person = personOf(request);
      await visibleJob(control, person, jobId);
      await control.cancelJob(callerOf(person), jobId, request.body?.reason ?? 'cancelled through the API');
      return presentPublicJob(jobId, await visibleJob(control, person, jobId));
    },
  );
}

function jobEventsRoute(app: App, { control }: JobDependencies): void {
  app.get(
    '/ml/training-jobs/:jobId/events',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'listTrainingJobEvents',
        summary: 'The facts of a job, oldest first',
        params: JobParams,
        querystring: AfterVersion,
        response: answers({ 200: FactList }),
      },
    },
    async (request) => {
      const { facts } = await visibleJob(control, personOf(request), request.params.jobId);
      return { items: facts.filter(({ version }) => version > request.query.after).map(presentFact) };
    },
  );
}

export const jobRoutes =
  (dependencies: JobDependencies) =>
  async (app: App): Promise<void> => {
    jobStatusRoute(app, dependencies);
    jobListRoute(app, dependencies);
    jobCancelRoute(app, dependencies);
    jobEventsRoute(app, dependencies);
  };
