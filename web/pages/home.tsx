import type { DeadEffect, JobSummary, Page, SystemSummary } from '../contract.ts';
import { formatInstant } from '../format.ts';
import { useResource, useStream } from '../hooks.ts';
import { Awaited, Badge, Heading, Section, Table } from '../parts/common.tsx';
import { DeadWork } from '../parts/dead-work.tsx';
import { Link } from '../router.tsx';
import { say } from '../words.ts';

function Job({ job }: { job: JobSummary }) {
  return (
    <tr>
      <th scope="row">
        <Link to={`/jobs/${encodeURIComponent(job.jobId)}`}>{job.jobId}</Link>
      </th>
      <td>{job.systemId}</td>
      <td>
        <Badge status={job.status} /> {job.reason}
      </td>
      <td>
        {job.modelType} {job.version}
      </td>
      <td>{job.trigger}</td>
      <td>{formatInstant(job.updatedAt)}</td>
    </tr>
  );
}

function Jobs({ page }: { page: Page<JobSummary> }) {
  if (page.items.length === 0) return <p>{say('noJobs')}</p>;
  const heads = [say('job'), say('site'), say('status'), say('model'), say('started'), say('updated')];
  return (
    <Table title={say('jobs')} heads={heads}>
      {page.items.map((job) => (
        <Job key={job.jobId} job={job} />
      ))}
    </Table>
  );
}

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

export function HomePage() {
  const jobs = useResource<Page<JobSummary>>('/ml/training-jobs');
  const sites = useResource<Page<SystemSummary>>('/systems');
  const dead = useResource<{ items: readonly DeadEffect[] }>('/effects/dead');
  useStream('', () => {
    jobs.refresh();
    dead.refresh();
    sites.refresh();
  });
  return (
    <>
      <Heading title={say('home')} />
      <DeadWork dead={dead} />
      <Section title={say('jobs')}>
        <Awaited {...jobs}>{(page) => <Jobs page={page} />}</Awaited>
      </Section>
      <Section title={say('sites')}>
        <Awaited {...sites}>{(page) => <Sites page={page} />}</Awaited>
      </Section>
    </>
  );
}
