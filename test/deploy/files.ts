import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { readConfig } from '../../src/main/config.ts';

/** What the tests of deploy/ share: its files, and which settings the program knows. */

const ROOT = resolve(import.meta.dirname, '..', '..');
export const inProject = (...path: readonly string[]): string => join(ROOT, ...path);
export const readText = (...path: readonly string[]): Promise<string> => readFile(inProject(...path), 'utf8');

/** Any piece of YAML or JSON; absent parts read as undefined. */
export type Node = {
  readonly [key: string]: Node;
} & Iterable<Node>;

/** The documents of a YAML file. Throws what is wrong with it. */
export async function readYaml(...path: readonly string[]): Promise<readonly Node[]> {
  const documents = parseAllDocuments(await readText(...path), { merge: true });
  return documents.map((document) => {
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem !== undefined) throw problem;
    return document.toJS();
  });
}

export const list = (node: Node | undefined): readonly Node[] => (Array.isArray(node) ? node : []);
export const entries = (node: Node | undefined): readonly (readonly [string, Node])[] =>
  Object.entries(node ?? {});

/** With these all parts of the settings are read, those that mean something only beside others included. */
const ALL_ON: Readonly<Record<string, string>> = {
  S3_ENDPOINT: 'http://s3',
  S3_ACCESS_KEY: 'a',
  S3_SECRET_KEY: 'b',
  INFLUX_URL: 'http://i',
  INFLUX_TOKEN: 't',
  INFLUX_ORG: 'o',
  INFLUX_BUCKET: 'b',
  INFLUX_FIELDS: 'price=pld',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://o',
  LIFO4_ALERT_WEBHOOK: 'http://w',
  LIFO4_ALERT_WEBHOOK_SECRET: '16 letters or so',
};

/** Names of the settings that a node reads. */
export function knownSettings(): ReadonlySet<string> {
  const names = new Set<string>();
  const watched = new Proxy(ALL_ON, {
    get: (target, name) => {
      names.add(String(name));
      return Reflect.get(target, name);
    },
  });
  readConfig(watched);
  return names;
}
