import type { DeadEffect } from '../contract.ts';
import { useResource, useStream } from '../hooks.ts';
import { Awaited, Heading, Section } from '../parts/common.tsx';
import { DeadWork } from '../parts/dead-work.tsx';
import { say } from '../words.ts';

export function HealthPage() {
  const dead = useResource<{ items: readonly DeadEffect[] }>('/effects/dead');
  useStream('', dead.refresh);
  return (
    <>
      <Heading title={say('health')} />
      <Section title={say('deadWork')}>
        <Awaited {...dead}>{({ items }) => <DeadWork items={items} after={dead.refresh} />}</Awaited>
      </Section>
    </>
  );
}
