import { isDeepStrictEqual } from 'node:util';
import type { ControlPlane, RetrainRequest } from '../../cloud/control-plane.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { callerOf, needs, type Person, reaches } from '../principal.ts';
import { Problem } from '../problem/problem.ts';
import { answers } from '../schemas/answers.ts';
import { IdempotencyHeaders } from '../schemas/common.ts';
import { RetrainAccepted, RetrainBody } from '../schemas/jobs.ts';
import { noSite } from '../visible.ts';

const wishes = ({ hold = false, ...asked }: RetrainRequest) => {
  const { systemId, modelType, members, trainingWindowDays, forceRedeploy } = asked;
  return { systemId, modelType, members, trainingWindowDays, forceRedeploy, hold };
};

/** A key stands for one request: with other contents it is a mistake of the caller, never a second job. */
async function statusOf(control: ControlPlane, jobId: string, asked: RetrainRequest): Promise<string> {
  const view = await control.readJob(jobId);
  const made = view?.stage.context.request ?? null;
  if (made !== null && !isDeepStrictEqual(wishes(made), wishes(asked))) {
    throw new Problem(
      422,
      'idempotency-key-reused',
      `This Idempotency-Key stands for job ${jobId}, which asked for something else: use a new key.`,
      { members: { jobId } },
    );
  }
  return view?.stage.state ?? 'pending';
}

async function retrain(control: ControlPlane, person: Person, asked: RetrainRequest) {
  if (!reaches(person, asked.systemId)) throw noSite(asked.systemId);
  const { jobId, created } = await control.requestRetrain(callerOf(person), asked);
  const status = created ? 'pending' : await statusOf(control, jobId, asked);
  return { jobId, status, created, statusUrl: `/api/v1/ml/training-jobs/${jobId}` };
}

/** `POST /ml/retrain`: starts a training job. */
export const retrainRoute =
  ({ control }: Pick<HttpDependencies, 'control'>) =>
  async (app: App): Promise<void> => {
    app.post(
      '/ml/retrain',
      {
        config: { access: needs('ml:train'), refusals: [404, 409, 422] },
        schema: {
          tags: ['training'],
          operationId: 'retrain',
          summary: 'Train a site’s models and deploy the result if it is better',
          description:
            'One job of a site runs at a time: 409 names the one that does. An `Idempotency-Key` makes repeating safe.',
          headers: IdempotencyHeaders,
          body: RetrainBody,
          response: answers({ 202: RetrainAccepted }),
        },
      },
      async (request, reply) => {
        const key = request.headers['idempotency-key'];
        const asked = { ...request.body, ...(key === undefined ? {} : { idempotencyKey: key }) };
        const { created, ...answer } = await retrain(control, personOf(request), asked);
        if (!created) reply.header('idempotent-replayed', 'true');
        return reply.code(202).header('location', answer.statusUrl).send(answer);
      },
    );
  };
