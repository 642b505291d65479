import { expect, it } from 'vitest';
import { knownSettings, readText } from './files.ts';

const NAME = /`((?:LIFO4|DATABASE|MQTT|NATS|S3|INFLUX|CCEE|OTEL)_[A-Z0-9_]+)`/g;

/** Names in the first column of a document's tables. */
async function tabled(...path: readonly string[]): Promise<readonly string[]> {
  const cells = (await readText(...path)).matchAll(/^\|([^|]*)\|/gm);
  return [...cells].flatMap(([, cell = '']) => [...cell.matchAll(NAME)].map(([, name = '']) => name));
}

const TABLES = [['README.md'], ['docs', 'stores.md'], ['docs', 'observability.md']] as const;

it('every setting that a node reads is in the tables of README and its stores and traces, and no other', async () => {
  const told = (await Promise.all(TABLES.map((path) => tabled(...path)))).flat();
  expect([...new Set(told)].sort()).toEqual([...knownSettings()].sort());
});
