import Type from 'typebox';
import type { App, ReadinessCheck } from '../dependencies.ts';
import { open } from '../principal.ts';
import { requestLog } from './request-log.ts';

const CHECK_TIMEOUT_MS = 2_000;

const Alive = Type.Object({ status: Type.Literal('ok') }, { description: 'The process runs.' });
const Readiness = (description: string) =>
  Type.Object(
    {
      status: Type.Enum(['ready', 'not-ready']),
      checks: Type.Array(
        Type.Object({
          name: Type.String(),
          ok: Type.Boolean(),
          advisory: Type.Optional(
            Type.Literal(true, { description: 'A warning for people, which keeps no request away.' }),
          ),
        }),
      ),
    },
    { description },
  );

async function passes({ check }: ReadinessCheck, note: (error: unknown) => void): Promise<boolean> {
  const { promise: tooLate, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('timed out')), CHECK_TIMEOUT_MS);
  try {
    await Promise.race([check(), tooLate]);
    return true;
  } catch (error) {
    note(error);
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** `/healthz`: the process runs. `/readyz`: all that it needs answers. */
export const healthRoutes =
  (checks: readonly ReadinessCheck[]) =>
  async (app: App): Promise<void> => {
    app.get(
      '/healthz',
      {
        config: { access: open },
        schema: {
          tags: ['operation'],
          operationId: 'getHealth',
          summary: 'Whether the process runs',
          response: { 200: Alive },
        },
      },
      async () => ({ status: 'ok' as const }),
    );
    app.get(
      '/readyz',
      {
        config: { access: open },
        schema: {
          tags: ['operation'],
          operationId: 'getReadiness',
          summary: 'Whether all that the process needs answers',
          response: { 200: Readiness('Ready.'), 503: Readiness('Something does not answer.') },
        },
      },
      async (request, reply) => {
        const results = await Promise.all(
          checks.map(async (check) => {
            const ok = await passes(check, (err) =>
              requestLog(request).warn({ err, check: check.name }, 'not ready'),
            );
            return {
              name: check.name,
              ok,
              ...(check.advisory === undefined ? {} : { advisory: true as const }),
            };
          }),
        );
        return results.every(({ ok, advisory }) => ok || advisory)
          ? reply.code(200).send({ status: 'ready', checks: results })
          : reply.code(503).send({ status: 'not-ready', checks: results });
      },
    );
  };
