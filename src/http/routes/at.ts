import { Invalid } from '../../cloud/refusals.ts';
import type { LastDecision, SiteAt } from '../../projections/site-at.ts';
import { personOf } from '../auth/authenticate.ts';
import type { App, HttpDependencies } from '../dependencies.ts';
import { instantOf } from '../local-day.ts';
import { presentAlertRow } from '../present/alert.ts';
import { presentDecision } from '../present/metrics.ts';
import { presentSettings } from '../present/settings.ts';
import { callerOf, needs, reaches } from '../principal.ts';
import { answers } from '../schemas/answers.ts';
import { AtQuery, SiteAtSchema } from '../schemas/at.ts';
import { SiteParams } from '../schemas/common.ts';
import { noSite } from '../visible.ts';

const presentLast = (last: LastDecision | null) =>
  last === null ? null : { ...last, decision: presentDecision(last.decision) };

function present({ site, settings, lastDecision, openAlerts, ...rest }: SiteAt & { readonly time: string }) {
  const { systemId, status, deviceId, running, desired, previous, attempted, nextRetrain } = site;
  return {
    ...{ systemId, status, deviceId, running, desired, previous, attempted, nextRetrain },
    ...rest,
    settings: presentSettings(settings),
    lastDecision: presentLast(lastDecision),
    openAlerts: openAlerts.map(presentAlertRow),
  };
}

function timeOf(text: string | undefined): Date | null {
  if (text === undefined) return null;
  const at = instantOf(text);
  if (Number.isNaN(at))
    throw new Invalid('no-instant', `${text} is no instant that exists: check its day and time.`);
  return new Date(at);
}

/** `GET …/at`: what ran at an instant, and why. */
export const atRoute =
  ({ control }: Pick<HttpDependencies, 'control'>) =>
  async (app: App): Promise<void> => {
    app.get(
      '/ml/systems/:systemId/at',
      {
        config: { access: needs('ml:read'), refusals: [404, 422] },
        schema: {
          tags: ['sites'],
          operationId: 'getSystemAt',
          summary: 'A site as it stood at an instant',
          description:
            'What was desired, running and kept for a rollback, the alerts that were open, the last decision with its numbers, and the settings then in force; rebuilt from the log. Answers for a decommissioned site too.',
          params: SiteParams,
          querystring: AtQuery,
          response: answers({ 200: SiteAtSchema }),
        },
      },
      async (request) => {
        const { systemId } = request.params;
        const person = personOf(request);
        if (!reaches(person, systemId)) throw noSite(systemId);
        return present(await control.siteAt(callerOf(person), systemId, timeOf(request.query.time)));
      },
    );
  };
