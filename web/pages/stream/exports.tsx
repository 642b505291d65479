import { useState } from 'preact/hooks';
import type { TestVector } from '../../../src/client/client.ts';
import { request } from '../../api.ts';
import { Section } from '../../parts/common.tsx';
import { sayMachine } from '../../parts/machine-words.ts';
import { tell, wordsOf } from '../../parts/toasts.tsx';

/** What can be taken along from an instant of a stream. */

const save = (content: Blob, name: string): void => {
  const address = URL.createObjectURL(content);
  Object.assign(document.createElement('a'), { href: address, download: name }).click();
  // The browser has read it by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
};

async function copy(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    tell(sayMachine('copied'));
  } catch {
    tell(sayMachine('notCopied'), 'bad');
  }
}

/** Refusals are told in the server's words. */
const telling = (act: () => Promise<void>) => () =>
  void act().catch((error: unknown) => tell(wordsOf(error), 'bad'));

/** The lines to be pasted into a test of the machines. */
const testOf = (vector: TestVector): string =>
  `// import { runVector } from '../../test/machines/run-vector.ts';\nrunVector(${JSON.stringify(vector, null, 2)});\n`;

interface ExportProps {
  readonly streamId: string;
  readonly version: number;
}

export function Exports({ streamId, version }: ExportProps) {
  const [test, setTest] = useState<string | null>(null);
  const read = (what: string) =>
    request(`/streams/${encodeURIComponent(streamId)}/${what}?version=${version}`);
  const name = `${streamId}@${version}`;
  const download = (what: string, ending: string) =>
    telling(async () => save(await (await read(what)).blob(), `${name}.${ending}`));
  const address = `${location.origin}/ui/streams/${encodeURIComponent(streamId)}?version=${version}`;
  return (
    <Section title={sayMachine('share')}>
      <div class="exports">
        <button type="button" onClick={telling(() => copy(address))}>
          {sayMachine('copyLink')}
        </button>
        <button type="button" onClick={download('drawing', 'svg')}>
          {sayMachine('asSvg')}
        </button>
        <button type="button" onClick={download('mermaid', 'mmd')}>
          {sayMachine('asMermaid')}
        </button>
        <button type="button" onClick={download('test-vector', 'json')}>
          {sayMachine('asVector')}
        </button>
        <button
          type="button"
          aria-expanded={test !== null}
          onClick={telling(async () =>
            setTest(test === null ? testOf((await (await read('test-vector')).json()) as TestVector) : null),
          )}
        >
          {sayMachine('asTest')}
        </button>
      </div>
      <p class="hint">
        <code class="address">{address}</code>
      </p>
      {test !== null && (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: text that scrolls must be reachable by keyboard */}
          <pre tabIndex={0} class="test-vector">
            {test}
          </pre>
          <div class="exports">
            <button type="button" onClick={telling(() => copy(test))}>
              {sayMachine('copy')}
            </button>
            <button type="button" onClick={() => setTest(null)}>
              {sayMachine('hide')}
            </button>
          </div>
        </>
      )}
    </Section>
  );
}
