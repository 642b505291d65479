import type { Page, SystemSummary } from '../contract.ts';
import { useResource, useStream } from '../hooks.ts';
import { Awaited, Heading, Section, Table } from '../parts/common.tsx';
import { Link } from '../router.tsx';
import { say } from '../words.ts';

function Sites({ page }: { page: Page<SystemSummary> }) {
  if (page.items.length === 0) return <p>{say('noSites')}</p>;
  return (
    <Table title={say('sites')} heads={[say('site'), say('running'), say('desired'), say('zone')]}>
      {page.items.map(({ systemId, runningVersion, desiredVersion, zone }) => (
        <tr key={systemId}>
          <th scope="row">
            <Link to={`/sites/${encodeURIComponent(systemId)}`}>{systemId}</Link>
          </th>
          <td>{runningVersion ?? '–'}</td>
          <td>{desiredVersion ?? '–'}</td>
          <td>{zone}</td>
        </tr>
      ))}
    </Table>
  );
}

export function FleetPage() {
  const sites = useResource<Page<SystemSummary>>('/systems');
  useStream('', sites.refresh);
  return (
    <>
      <Heading title={say('fleet')} />
      <Section title={say('sites')}>
        <Awaited {...sites}>{(page) => <Sites page={page} />}</Awaited>
      </Section>
    </>
  );
}
