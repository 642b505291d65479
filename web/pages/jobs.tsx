import { useEffect } from 'preact/hooks';
import type { JobSummary, Page } from '../contract.ts';
import { formatInstant } from '../format.ts';
import { useResource, useStream } from '../hooks.ts';
import { Awaited, Badge, Heading, Table } from '../parts/common.tsx';
import { announce } from '../parts/toasts.tsx';
import { choose, Link, query } from '../router.tsx';
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

const STATES = [
  'pending',
  'training',
  'evaluated',
  'deployed',
  'kept',
  'acked',
  'rolledback',
  'undelivered',
  'failed',
  'cancelled',
];

function StatusFilter({ status }: { status: string }) {
  return (
    <label class="choice">
      {say('status')}
      <select value={status} onChange={({ currentTarget: { value } }) => choose({ status: value })}>
        <option value="">{say('all')}</option>
        {STATES.map((state) => (
          <option key={state} value={state}>
            {state}
          </option>
        ))}
      </select>
    </label>
  );
}

export function JobsPage() {
  const status = query.value.get('status') ?? '';
  const jobs = useResource<Page<JobSummary>>(
    `/ml/training-jobs${status === '' ? '' : `?status=${encodeURIComponent(status)}`}`,
  );
  useStream('', jobs.refresh);
  const count = jobs.body?.items.length;
  useEffect(() => {
    if (count !== undefined) announce(say('nJobs', { n: count }));
  }, [count]);
  return (
    <>
      <Heading title={say('jobs')}>
        <StatusFilter status={status} />
      </Heading>
      <section class="card">
        <Awaited {...jobs}>{(page) => <Jobs page={page} />}</Awaited>
      </section>
    </>
  );
}
