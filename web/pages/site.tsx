import type { Forecast, ModelSummary, Page, SystemDetails } from '../contract.ts';
import { formatInstant } from '../format.ts';
import { useResource, useStream } from '../hooks.ts';
import { Awaited, Details, Heading, Section, Trouble } from '../parts/common.tsx';
import { ForecastChart } from '../parts/forecast.tsx';
import { say } from '../words.ts';

function LatestForecast({ systemId }: { systemId: string }) {
  const { body, problem } = useResource<Forecast>(`/ml/systems/${encodeURIComponent(systemId)}/forecast`);
  if (body !== null) return <ForecastChart forecast={body} />;
  if (problem === null) return null;
  return problem.status === 404 ? <p>{say('noForecast')}</p> : <Trouble problem={problem} />;
}

export function SitePage({ systemId }: { systemId: string }) {
  const id = encodeURIComponent(systemId);
  const site = useResource<SystemDetails>(`/systems/${id}`);
  const models = useResource<Page<ModelSummary>>(`/ml/systems/${id}/models?verdict=deployed`);
  useStream(`systemId=${id}`, () => {
    site.refresh();
    models.refresh();
  });
  return (
    <>
      <Heading title={`${say('site')} ${systemId}`} />
      <Section title={say('status')}>
        <Awaited {...site}>
          {({ settings, deviceId, nextRetrain }) => (
            <Details
              rows={[
                [
                  say('running'),
                  models.body?.items.find(({ status }) => status === 'active')?.version ?? '–',
                ],
                [say('device'), deviceId ?? '–'],
                [say('zone'), settings.zone],
                [say('nextRetrain'), formatInstant(nextRetrain)],
              ]}
            />
          )}
        </Awaited>
      </Section>
      <LatestForecast systemId={systemId} />
    </>
  );
}
