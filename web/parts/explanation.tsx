import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Condition, RequestedEffect, StreamStep } from '../../src/client/client.ts';
import type { Instant, Legal, Refused } from '../fold.ts';
import { formatInstant } from '../format.ts';
import { Section } from './common.tsx';
import { guardName, guardValues } from './guard-words.ts';
import { sayMachine } from './machine-words.ts';

/** Why a stream is where it is, by its machine's own table. */

type Verdict = 'holds' | 'fails' | 'open';

function verdictOf({ holds }: Condition): Verdict {
  if (holds === null) return 'open';
  return holds ? 'holds' : 'fails';
}

const VERDICT_SIGNS: Readonly<Record<Verdict, string>> = { holds: '✓', fails: '✕', open: '◇' };

/** Conditions with what they looked at. */
export function Conditions({ guards }: { guards: readonly Condition[] }) {
  if (guards.length === 0) return null;
  return (
    <ul class="conditions">
      {guards.map((guard) => {
        const verdict = verdictOf(guard);
        return (
          <li key={guard.name} class={verdict} data-guard={guard.name}>
            <span aria-hidden="true">{VERDICT_SIGNS[verdict]}</span>
            <span>
              {guardName(guard.name)}
              <span class="unseen"> ({sayMachine(verdict)})</span>
              {guardValues(guard).map(([label, value]) => (
                <span key={label} class="value">
                  {label} <b>{value}</b>
                </span>
              ))}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** Wide texts scroll by themselves, by keyboard too. */
function Data({ value }: { value: unknown }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: text that scrolls must be reachable by keyboard
    <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
  );
}

interface FoldedProps {
  readonly value: unknown;
  /** Whether it is open until the reader says otherwise. */
  readonly open?: boolean;
  readonly children: ComponentChildren;
}

/** Data behind its summary, written out only while it is open: a step must not pay for what nobody sees. */
function Folded({ value, open = false, children }: FoldedProps) {
  const [wish, setWish] = useState<boolean | null>(null);
  const shown = wish ?? open;
  const toggle = (event: MouseEvent) => {
    event.preventDefault();
    setWish(!shown);
  };
  return (
    <details open={shown}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a summary is a control, by keyboard too */}
      <summary onClick={toggle}>{children}</summary>
      {shown && <Data value={value} />}
    </details>
  );
}

function dueText({ due }: RequestedEffect): string {
  if (due === undefined) return '';
  return due.clock === 'site'
    ? sayMachine('due', { at: formatInstant(due.at) })
    : sayMachine('dueAfter', { seconds: due.afterMs / 1000 });
}

function Effects({ step }: { step: StreamStep }) {
  const { effects, spared } = step;
  return (
    <>
      <h3>{sayMachine('requested')}</h3>
      {effects.length === 0 && <p class="hint">{sayMachine('noEffects')}</p>}
      <ul class="effects">
        {effects.map((effect) => (
          <li key={effect.key}>
            <Folded value={{ key: effect.key, lane: effect.lane, data: effect.data }}>
              <span aria-hidden="true">⚡</span> {effect.type} <small>{dueText(effect)}</small>
            </Folded>
          </li>
        ))}
      </ul>
      {spared.length > 0 && <p class="hint">{sayMachine('spared', { effects: spared.join(', ') })}</p>}
    </>
  );
}

export const moveText = ({ from, to }: StreamStep): string =>
  from === to ? sayMachine('staysIn', { state: to }) : `${from} → ${to}`;

function Happened({ step }: { step: StreamStep }) {
  return (
    <>
      <p class="took">
        <strong>{step.type}</strong> <span>{moveText(step)}</span>
      </p>
      <p class="hint">
        <time dateTime={step.at}>{formatInstant(step.at)}</time> {sayMachine('by')} {step.actor} ·{' '}
        {sayMachine('written', { machine: step.machine })}
      </p>
      <Conditions guards={step.guards} />
      <Effects step={step} />
      <Folded value={step.data}>{sayMachine('data')}</Folded>
    </>
  );
}

/** What could have happened stands first; what the state does not know is folded away. */
function WhyNot({ refused, from }: { refused: readonly Refused[]; from: string }) {
  const rank = ({ why }: Refused): number => (why === 'guard' ? 0 : 1);
  const near = refused.filter(({ why }) => why !== 'state').toSorted((a, b) => rank(a) - rank(b));
  const illegal = refused.filter(({ why }) => why === 'state');
  return (
    <>
      <ul class="moves">
        {near.map(({ fact, why, guards }) => (
          <li key={fact} class="refused" data-fact={fact}>
            <span aria-hidden="true">✕</span>
            <div>
              <strong>{fact}</strong> <span>{sayMachine(why === 'guard' ? 'byGuard' : 'other')}</span>
              <Conditions guards={guards} />
            </div>
          </li>
        ))}
      </ul>
      {illegal.length > 0 && (
        <details>
          <summary>{sayMachine('illegal', { n: illegal.length, state: from })}</summary>
          <ul class="plain">
            {illegal.map(({ fact, legalIn }) => (
              <li key={fact} data-fact={fact}>
                {fact} <small>{sayMachine('onlyIn', { states: legalIn.join(', ') })}</small>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function LegalNow({ legal, barred }: { legal: readonly Legal[]; barred: readonly Refused[] }) {
  return (
    <>
      {legal.length === 0 && <p class="hint">{sayMachine('ended')}</p>}
      <ul class="moves">
        {legal.map(({ fact, to, guards, effects, commands }) => (
          <li key={fact} class="possible" data-fact={fact}>
            <span aria-hidden="true">○</span>
            <div>
              <strong>{fact}</strong> → {to}{' '}
              <small>{sayMachine('byCommand', { commands: commands.join(', ') })}</small>
              {effects.length > 0 && <small> ⚡ {effects.join(', ')}</small>}
              <Conditions guards={guards} />
            </div>
          </li>
        ))}
      </ul>
      {barred.length > 0 && <h3>{sayMachine('barred')}</h3>}
      <ul class="moves">
        {barred.map(({ fact, guards }) => (
          <li key={fact} class="refused" data-fact={fact}>
            <span aria-hidden="true">✕</span>
            <div>
              <strong>{fact}</strong>
              <Conditions guards={guards} />
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The instant in words: what happened, why nothing else did, and what may come. */
export function Explanation({ instant }: { instant: Instant }) {
  const { step, refused, legal, barred } = instant;
  return (
    <>
      <Section title={sayMachine('happened')}>
        {step === null ? <p class="hint">{sayMachine('nothingYet')}</p> : <Happened step={step} />}
      </Section>
      <Section title={sayMachine('legalNow')}>
        <LegalNow legal={legal} barred={barred} />
      </Section>
      {step !== null && (
        <Section title={sayMachine('whyNot')}>
          <WhyNot refused={refused} from={step.from} />
        </Section>
      )}
    </>
  );
}

/** One member of the context: what is compound is folded away, unless the fact changed it. */
function Member({ value, isNew }: { value: unknown; isNew: boolean }) {
  if (typeof value !== 'object' || value === null) return <code>{JSON.stringify(value) ?? '–'}</code>;
  return (
    <Folded value={value} open={isNew}>
      {Array.isArray(value) ? `[${value.length}]` : '{…}'}
    </Folded>
  );
}

/** The context; members that the fact changed are marked and open. */
export function Knowledge({ instant }: { instant: Instant }) {
  const { context, step } = instant;
  return (
    <Section title={sayMachine('knows')}>
      <dl class="context">
        {Object.entries(context).map(([key, value]) => {
          const isNew = Object.hasOwn(step?.changed ?? {}, key);
          return (
            <div key={key} class={isNew ? 'new' : ''} data-member={key}>
              <dt>
                {key} {isNew && <small>({sayMachine('changed')})</small>}
              </dt>
              <dd>
                <Member value={value} isNew={isNew} />
              </dd>
            </div>
          );
        })}
      </dl>
    </Section>
  );
}
