import { NotFound } from '../../cloud/refusals.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { callerOf, needs } from '../principal.ts';
import { answers, emptyAnswer } from '../schemas/answers.ts';
import { SiteParams } from '../schemas/common.ts';
import { DeviceParams, NewDeviceSchema, ReasonQuery } from '../schemas/sites.ts';
import { visibleSite } from '../visible.ts';

const tags = ['sites'];

/** Where a device keeps its models, and that it measures nothing itself, unless its settings say otherwise. */
const DEFAULTS = { dataFolder: '/data', readings: { kind: 'none' } };

/** A site's device: added (which revokes the one before) and revoked. */
export const deviceRoutes =
  ({ control, trust, deviceHome }: Pick<HttpDependencies, 'control' | 'trust' | 'deviceHome'>) =>
  async (app: App): Promise<void> => {
    app.post(
      '/systems/:systemId/devices',
      {
        config: { access: needs('admin'), refusals: [404, 409] },
        schema: {
          tags,
          operationId: 'addDevice',
          summary: 'Give a site a new device',
          description: 'The answer holds the device’s secret, this once. A device that was there is revoked.',
          params: SiteParams,
          response: answers({ 201: NewDeviceSchema }),
        },
      },
      async (request, reply) => {
        const { systemId } = request.params;
        const person = personOf(request);
        const { zone } = (await visibleSite(control, person, systemId)).settings;
        const added = await control.addDevice(callerOf(person), systemId);
        const root = await trust.latest('root');
        const trusted = root === null ? {} : { trustRoot: JSON.parse(root.body) };
        const settings = { ...added, systemId, zone, ...deviceHome, ...trusted, ...DEFAULTS };
        return reply.code(201).send({ ...added, ...trusted, settings });
      },
    );
    app.delete(
      '/systems/:systemId/devices/:deviceId',
      {
        config: { access: needs('admin'), refusals: [404, 409] },
        schema: {
          tags,
          operationId: 'revokeDevice',
          summary: 'Revoke a site’s active device',
          params: DeviceParams,
          querystring: ReasonQuery,
          response: answers({ 204: emptyAnswer('Revoked.') }),
        },
      },
      async (request, reply) => {
        const { systemId, deviceId } = request.params;
        const person = personOf(request);
        const site = await visibleSite(control, person, systemId);
        if (site.deviceId !== deviceId) throw new NotFound('device', deviceId, 'check the id');
        await control.revokeDevice(callerOf(person), deviceId, request.query.reason);
        return reply.code(204).send();
      },
    );
  };
