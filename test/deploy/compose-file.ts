import { entries, type Node, readText, readYaml } from './files.ts';

/** deploy/compose as a person would have filled in its example. */

export const COMPOSE_FOLDER = ['deploy', 'compose'] as const;
/** What compose puts in place of `${NAME}`, `${NAME:-default}` and `${NAME:?message}`. */
export const VARIABLE = /\$\{(?<name>\w+)(?::(?<kind>[-?])(?<word>[^}]*))?\}/g;
export const PUBLIC_URL = 'https://ml.example.com';
/** Every password. */
export const PASSWORD = 'f00dcafe';

export const composeText = await readText(...COMPOSE_FOLDER, 'compose.yaml');
const [document = {} as Node] = await readYaml(...COMPOSE_FOLDER, 'compose.yaml');
export const compose = document;
export const example = await readExample();

async function readExample(): Promise<ReadonlyMap<string, string>> {
  const lines = (await readText(...COMPOSE_FOLDER, '.env.example')).split('\n');
  const pairs = lines.filter((line) => /^\w+=/.test(line)).map((line) => line.split('='));
  return new Map(pairs.map(([name = '', ...value]) => [name, value.join('=')]));
}

/** What a person must fill in: passwords, and the address. */
const neededFor = (name: string): string => (name === 'LIFO4_PUBLIC_URL' ? PUBLIC_URL : PASSWORD);

function filledIn(value: string): string {
  return value.replaceAll(
    VARIABLE,
    (_all, name: string, kind: string | undefined, word: string | undefined) =>
      example.get(name) || (kind === '-' ? (word ?? '') : neededFor(name)),
  );
}

export const serviceOf = (name: string): Node => compose['services']?.[name] ?? ({} as Node);

/** What a service finds in its environment. */
export const environmentOf = (service: string): Record<string, string> =>
  Object.fromEntries(
    entries(serviceOf(service)['environment']).map(([name, value]) => [name, filledIn(String(value))]),
  );
