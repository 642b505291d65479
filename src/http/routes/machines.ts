import { NotFound } from '../../cloud/refusals.ts';
import type { RecordedFact } from '../../events/envelope.ts';
import { machineByName, machines } from '../../machines/catalogue.ts';
import type { Lifecycle } from '../../machines/lifecycle.ts';
import type { EventLog } from '../../ports/event-log.ts';
import { credentialMissing } from '../auth/refusals.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { open, optionally, type Principal } from '../principal.ts';
import { answers, mediaAnswer } from '../schemas/answers.ts';
import { DrawingQuery, MachineList, MachineParams, MachineSchema } from '../schemas/machines.ts';
import { sees } from '../visible.ts';

type MachineDependencies = Pick<HttpDependencies, 'log' | 'visualizer'>;

const tags = ['machines'];

function machineOf(name: string): Lifecycle {
  const machine = machineByName(name);
  if (machine === null) {
    throw new NotFound('machine', name, 'check the name');
  }
  return machine;
}

/** The facts of a stream that this machine folds, if the caller may see them. */
async function visibleFacts(
  log: EventLog,
  machine: Lifecycle,
  principal: Principal | null,
  stream: string,
): Promise<readonly RecordedFact[]> {
  if (principal === null) throw credentialMissing(false);
  const facts = stream.startsWith(`${machine.streamType}-`) ? await log.readStream(stream) : [];
  const first = facts.at(0);
  if (first === undefined || !sees(principal, first)) throw new NotFound('stream', stream, 'check the id');
  return facts;
}

function definitionRoutes(app: App): void {
  app.get(
    '/machines',
    {
      config: { access: open },
      schema: {
        tags,
        operationId: 'listMachines',
        summary: 'The lifecycles that facts follow',
        response: answers({ 200: MachineList }),
      },
    },
    async () => ({ items: machines.map(({ definition }) => definition) }),
  );
  app.get(
    '/machines/:name',
    {
      config: { access: open, refusals: [404] },
      schema: {
        tags,
        operationId: 'getMachine',
        summary: 'A lifecycle as data: states, legal facts, effects',
        params: MachineParams,
        response: answers({ 200: MachineSchema }),
      },
    },
    async ({ params: { name } }) => machineOf(name).definition,
  );
}

function drawingRoute(app: App, { log, visualizer }: MachineDependencies): void {
  app.get(
    '/machines/:name/drawing',
    {
      config: { access: optionally('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'drawMachine',
        summary: 'A lifecycle as a picture, with a stream’s way through it when one is named',
        params: MachineParams,
        querystring: DrawingQuery,
        response: answers({ 200: mediaAnswer('The picture.', 'image/svg+xml') }),
      },
    },
    async ({ params: { name }, query: { stream }, principal }, reply) => {
      const machine = machineOf(name);
      reply.type('image/svg+xml');
      return stream === undefined
        ? visualizer.draw(machine)
        : visualizer.drawStream(machine, await visibleFacts(log, machine, principal, stream));
    },
  );
}

export const machineRoutes =
  (dependencies: MachineDependencies) =>
  async (app: App): Promise<void> => {
    definitionRoutes(app);
    drawingRoute(app, dependencies);
  };
