import type { JobSummary, Page } from '../contract.ts';
import { formatInstant } from '../format.ts';
import { useResource, useStream } from '../hooks.ts';
import { Awaited, Badge, Heading, Section, Table } from '../parts/common.tsx';
import { Link } from '../router.tsx';
import { say } from '../words.ts';

function Job({ job }: { job: JobSummary }) {
  return (
    <tr>
      <th scope="row">
        <Link to={`/jobs/${encodeURIComponent(job.jobId)}`}>{job.jobId}</Link>
      </th>
      <td>
        <Link to={`/sites/${encodeURIComponent(job.systemId)}`}>{job.systemId}</Link>
      </td>
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

export function JobsPage() {
  const jobs = useResource<Page<JobSummary>>('/ml/training-jobs');
  useStream('', jobs.refresh);
  return (
    <>
      <Heading title={say('jobs')} />
      <Section title={say('jobs')}>
        <Awaited {...jobs}>{(page) => <Jobs page={page} />}</Awaited>
      </Section>
    </>
  );
}
