import { registerSite, type ServerUnderTest } from './server-under-test.ts';
import { appendDeployed, appendKept, appendModel } from './stories.ts';

/** A site whose device runs version 1.0.0, and whose job kept 1.1.0. */
export async function siteWithNewerVersion(server: ServerUnderTest, systemId: string): Promise<void> {
  const token = await server.token();
  await registerSite(server, systemId, {});
  await server.call('POST', `/api/v1/systems/${systemId}/devices`, { token, json: {} });
  const { log } = server.postgres;
  const first = { jobId: `first-${systemId}`, systemId, version: '1.0.0' };
  const second = { jobId: `second-${systemId}`, systemId, version: '1.1.0' };
  await appendModel(log, first);
  await appendDeployed(log, first, `dep-${systemId}`);
  await appendModel(log, second);
  await appendKept(log, second);
}
