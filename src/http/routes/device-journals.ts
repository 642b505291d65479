import { listDeviceJournals } from '../../cloud/device-journals.ts';
import { NotFound } from '../../cloud/refusals.ts';
import { journalStreamId } from '../../events/stream-id.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { presentFact } from '../present/fact.ts';
import { needs } from '../principal.ts';
import { answers } from '../schemas/answers.ts';
import { AfterVersion, FactList, SiteParams } from '../schemas/common.ts';
import { JournalList, JournalParams } from '../schemas/device-journals.ts';
import { sees, visibleSite } from '../visible.ts';

type JournalDependencies = Pick<HttpDependencies, 'control' | 'log'>;

const tags = ['sites'];

function journalListRoute(app: App, { control, log }: JournalDependencies): void {
  app.get(
    '/systems/:systemId/device-journals',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'listDeviceJournals',
        summary: 'What the site’s devices told of what they did, by device and installation',
        params: SiteParams,
        response: answers({ 200: JournalList }),
      },
    },
    async (request) => {
      const { systemId } = request.params;
      await visibleSite(control, personOf(request), systemId);
      return { items: [...(await listDeviceJournals(log, systemId))] };
    },
  );
}

function journalEventsRoute(app: App, { control, log }: JournalDependencies): void {
  app.get(
    '/systems/:systemId/device-journals/:deviceId/:installationId/events',
    {
      config: { access: needs('ml:read'), refusals: [404] },
      schema: {
        tags,
        operationId: 'listDeviceJournalEvents',
        summary: 'The facts of a device’s journal, oldest first',
        description: 'Written by the device, also while it was away; copied when it came back.',
        params: JournalParams,
        querystring: AfterVersion,
        response: answers({ 200: FactList }),
      },
    },
    async (request) => {
      const { systemId, deviceId, installationId } = request.params;
      const person = personOf(request);
      await visibleSite(control, person, systemId);
      const facts = await log.readStream(journalStreamId(deviceId, installationId));
      const [first] = facts;
      if (first === undefined || first.metadata.systemId !== systemId || !sees(person, first))
        throw new NotFound('device journal', `${deviceId}/${installationId}`, 'check the ids');
      return { items: facts.filter(({ version }) => version > request.query.after).map(presentFact) };
    },
  );
}

export const deviceJournalRoutes =
  (dependencies: JournalDependencies) =>
  async (app: App): Promise<void> => {
    journalListRoute(app, dependencies);
    journalEventsRoute(app, dependencies);
  };
