/** One value of the text form of Prometheus. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;
const LABEL = /(\w+)="((?:[^"\\]|\\.)*)"/g;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n' };

const plain = (text: string): string =>
  text.replace(/\\(.)/g, (_, letter: string) => ESCAPED[letter] ?? letter);

function sampleOf(line: string): readonly Sample[] {
  const [, name, labels = '', value] = LINE.exec(line) ?? [];
  if (name === undefined) return [];
  const pairs = [...labels.matchAll(LABEL)].map(([, key = '', text = '']) => [key, plain(text)]);
  return [{ name, labels: Object.fromEntries(pairs), value: Number(value) }];
}

/** Reads what `GET /metrics` answers; comments and what is no sample are left out. */
export const samplesOf = (text: string): readonly Sample[] => text.split('\n').flatMap(sampleOf);
