import type { ControlPlane } from '../../cloud/control-plane.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { callerOf, needs, type Person } from '../principal.ts';
import { FleetSchema, ResumeBody } from '../schemas/alerts.ts';
import { answers } from '../schemas/answers.ts';

const tags = ['deployments'];

async function presentFleet(control: ControlPlane, person: Person) {
  const { stage, facts } = await control.getFleet(callerOf(person));
  const stopped = stage.state === 'stopped';
  const stop = stopped ? stage.context.stop : null;
  return {
    status: stage.state,
    stoppedAt: stopped ? (facts.at(-1)?.metadata.at ?? null) : null,
    failed: stop?.failed ?? null,
    settled: stop?.settled ?? null,
    deploymentIds: stop?.deploymentIds ?? [],
  };
}

/** Whether models go out by themselves: stopped by failures, resumed by people. */
export const fleetRoutes =
  ({ control }: Pick<HttpDependencies, 'control'>) =>
  async (app: App): Promise<void> => {
    app.get(
      '/ml/fleet',
      {
        config: { access: needs('ml:read') },
        schema: {
          tags,
          operationId: 'getFleet',
          summary: 'Whether models go out by themselves',
          response: answers({ 200: FleetSchema }),
        },
      },
      async (request) => presentFleet(control, personOf(request)),
    );
    app.post(
      '/ml/fleet/resume',
      {
        config: { access: needs('admin'), refusals: [409] },
        schema: {
          tags,
          operationId: 'resumeFleet',
          summary: 'Let models go out by themselves again',
          description: 'Jobs that were held go on; deployments that ended before count no more.',
          body: ResumeBody,
          response: answers({ 200: FleetSchema }),
        },
      },
      async (request) => {
        const person = personOf(request);
        await control.resumeFleet(callerOf(person), request.body.reason);
        return presentFleet(control, person);
      },
    );
  };
