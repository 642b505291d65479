import type { Static } from 'typebox';
import { streamId } from '../../events/stream-id.ts';
import type { EventLog } from '../../ports/event-log.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { foldDeployment, presentDeployment } from '../present/deployment.ts';
import { callerOf, needs, reaches } from '../principal.ts';
import { answers } from '../schemas/answers.ts';
import { IdempotencyHeaders, ModelParams } from '../schemas/common.ts';
import { DeploymentSchema, RestoreBody } from '../schemas/deployments.ts';
import { noDeployment, noSite } from '../visible.ts';

const DESCRIPTION = `Opens a new deployment of a version that ran before or was kept. Its file is read and held against its checksum first, so that nothing is offered that a device could not install. A restore that is still on offer is replaced only with \`replace\`; an offer that a job made always is. An \`Idempotency-Key\` makes repeating safe.`;

const wishesOf = (body: Static<typeof RestoreBody>) => ({
  replace: body?.replace ?? false,
  ...(body?.modelType === undefined ? {} : { modelType: body.modelType }),
});

const keyOf = (key: string | undefined) => (key === undefined ? {} : { idempotencyKey: key });

/** From the log itself: the lists may not have caught up. */
async function deploymentOf(log: EventLog, deploymentId: string) {
  const document = foldDeployment(await log.readStream(streamId('deployment', deploymentId)));
  if (document === null) throw noDeployment(deploymentId);
  return presentDeployment(document);
}

/** `POST …/models/{version}/restore`: a person wants a version again. */
export const restoreRoute =
  ({ control, log }: Pick<HttpDependencies, 'control' | 'log'>) =>
  async (app: App): Promise<void> => {
    app.post(
      '/ml/systems/:systemId/models/:version/restore',
      {
        config: { access: needs('ml:deploy'), refusals: [404, 409, 410, 422] },
        schema: {
          tags: ['models'],
          operationId: 'restoreModel',
          summary: 'Deploy a version again',
          description: DESCRIPTION,
          params: ModelParams,
          headers: IdempotencyHeaders,
          body: RestoreBody,
          response: answers({ 202: DeploymentSchema }),
        },
      },
      async (request, reply) => {
        const person = personOf(request);
        const { params, body, headers } = request;
        if (!reaches(person, params.systemId)) throw noSite(params.systemId);
        const asked = { ...params, ...wishesOf(body), ...keyOf(headers['idempotency-key']) };
        const { deploymentId, created } = await control.restoreModel(callerOf(person), asked);
        if (!created) reply.header('idempotent-replayed', 'true');
        reply.code(202).header('location', `/api/v1/ml/deployments/${deploymentId}`);
        return reply.send(await deploymentOf(log, deploymentId));
      },
    );
  };
