import type { Forecast, SystemSummary } from '../contract.ts';
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
  const site = useResource<SystemSummary>(`/systems/${encodeURIComponent(systemId)}`);
  useStream(`systemId=${encodeURIComponent(systemId)}`, site.refresh);
  return (
    <>
      <Heading title={`${say('site')} ${systemId}`} />
      <Section title={say('status')}>
        <Awaited {...site}>
          {({ zone, runningVersion, desiredVersion }) => (
            <Details
              rows={[
                [say('running'), runningVersion ?? '–'],
                [say('desired'), desiredVersion ?? '–'],
                [say('zone'), zone],
              ]}
            />
          )}
        </Awaited>
      </Section>
      <LatestForecast systemId={systemId} />
    </>
  );
}
