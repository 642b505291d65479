import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { needs } from '../principal.ts';
import { answers } from '../schemas/answers.ts';
import { DeadEffects, RedriveBody, Redriven } from '../schemas/effects.ts';

const MOST = 200;
const tags = ['operation'];

/** Work that was given up: listed, and made due again once its cause is mended. */
export const effectRoutes =
  ({ effects }: Pick<HttpDependencies, 'effects'>) =>
  async (app: App): Promise<void> => {
    app.get(
      '/effects/dead',
      {
        config: { access: needs('admin'), refusals: [] },
        schema: {
          tags,
          operationId: 'listDeadEffects',
          summary: 'Work that was given up after its last try',
          response: answers({ 200: DeadEffects }),
        },
      },
      async (request) => {
        const dead = await effects.dead(MOST, personOf(request).tenant);
        const items = dead.map(({ key, streamId, type, attempts, error }) => ({
          key,
          streamId,
          type,
          attempts,
          error,
        }));
        return { items };
      },
    );
    app.post(
      '/effects/redrive',
      {
        config: { access: needs('admin'), refusals: [] },
        schema: {
          tags,
          operationId: 'redriveEffects',
          summary: 'Try work again that was given up',
          body: RedriveBody,
          response: answers({ 200: Redriven }),
        },
      },
      async (request) => {
        const { tenant } = personOf(request);
        return { redriven: await effects.redrive({ ...request.body, tenant }) };
      },
    );
  };
