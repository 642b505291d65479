import { expect, it } from 'vitest';
import { readText } from './files.ts';

const found = async (pattern: RegExp, ...path: readonly string[]): Promise<readonly string[]> =>
  [...(await readText(...path)).matchAll(pattern)].map(([, version = '']) => version);

it('images run the versions that the project is tested with', async () => {
  const { devDependencies, version } = JSON.parse(await readText('package.json'));
  expect(await found(/node:(\S+)-bookworm-slim/g, 'deploy', 'docker', 'Dockerfile')).toEqual([
    devDependencies.node,
  ]);
  const nats = await found(/nats-server\/v2@v(\S+)/g, '.ci', 'run');
  expect(await found(/image: nats:(\S+)-alpine/g, 'deploy', 'compose', 'compose.yaml')).toEqual(nats);
  expect(await found(/image: nats:(\S+)-alpine/g, 'deploy', 'kubernetes', 'nats', 'nats.yaml')).toEqual(nats);
  const influx = await found(/VERSION=v(\S+)/g, '.ci', 'influxd');
  expect(await found(/image: influxdb:(\S+)/g, 'deploy', 'compose', 'compose.yaml')).toEqual(influx);
  for (const path of [['overlays', 'production'], ['migrate']])
    expect(await found(/newTag: ([\d.]+)/g, 'deploy', 'kubernetes', ...path, 'kustomization.yaml')).toEqual([
      version,
    ]);
});
