import { expect, it } from 'vitest';
import { knownSettings, readText } from './files.ts';

const NAME = /`((?:LIFO4|DATABASE|MQTT|NATS|S3|INFLUX|CCEE)_[A-Z0-9_]+)`/g;

/** Names in the first column of a document's tables. */
async function tabled(...path: readonly string[]): Promise<readonly string[]> {
  const cells = (await readText(...path)).matchAll(/^\|([^|]*)\|/gm);
  return [...cells].flatMap(([, cell = '']) => [...cell.matchAll(NAME)].map(([, name = '']) => name));
}

it('every setting that a node reads is in the tables of README and stores.md, and no other', async () => {
  const told = [...(await tabled('README.md')), ...(await tabled('docs', 'stores.md'))];
  expect([...new Set(told)].sort()).toEqual([...knownSettings()].sort());
});
