/** Pages that show the thing itself whose facts a stream holds, by the stream's type. */
const pages = [
  ['training-job-', 'jobs'],
  ['deployment-', 'deployments'],
  ['site-', 'sites'],
  ['rollout-', 'rollouts'],
] as const;

/** Below `/ui`; null where there is no page. */
export function homeOf(streamId: string): string | null {
  const found = pages.find(([prefix]) => streamId.startsWith(prefix));
  if (found === undefined) return null;
  const [prefix, folder] = found;
  return `/${folder}/${encodeURIComponent(streamId.slice(prefix.length))}`;
}
