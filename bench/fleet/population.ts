import { createStreamActors, type Origin } from '../../src/actors/stream-actor.ts';
import type { Postgres } from '../../src/adapters/postgres/open.ts';
import type { Fact } from '../../src/events/envelope.ts';
import { streamId } from '../../src/events/stream-id.ts';
import { deployment } from '../../src/machines/deployment.ts';
import { device } from '../../src/machines/device.ts';
import type { Lifecycle } from '../../src/machines/lifecycle.ts';
import { site } from '../../src/machines/site.ts';
import { systemClocks } from '../../src/ports/clocks.ts';
import type { StreamAppend } from '../../src/ports/event-log.ts';
import { deploymentOf, deviceOf, secretOf, siteOf, TENANT, VERSION } from './names.ts';

/** Sites of one transaction. */
const BATCH = 100;
/** Transactions, or logins, made at a time. */
const AT_ONCE = 8;
const DAY_MS = 86_400_000;

/** Writes the fleet into the log: its sites and devices at once, its offers when they are to be measured. */
export interface Population {
  register(): Promise<void>;
  offer(): Promise<void>;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const settings = {
  zone: 'America/Sao_Paulo',
  ibgeCode: null,
  tariff: null,
  ratedKw: null,
  contract: null,
  target: null,
};

export function createPopulation({ log, credentials }: Postgres, count: number): Population {
  const clocks = systemClocks(0);
  const actors = createStreamActors({ log, clocks, newId: () => crypto.randomUUID() });
  const originOf = (n: number): Origin => ({
    actor: 'bench',
    tenant: TENANT,
    systemId: siteOf(n),
    correlationId: `bench-${n}`,
  });
  /** What the commands make of a new stream. */
  const append = <State extends string, C extends { readonly type: string }, F extends Fact, Context>(
    lifecycle: Lifecycle<State, C, F, Context>,
    id: string,
    commands: readonly C[],
    n: number,
  ): StreamAppend => {
    const whole = { facts: [], effects: [], registry: [] } as Omit<
      StreamAppend,
      'streamId' | 'expectedVersion'
    >;
    const appended = commands.reduce((before, command) => {
      const stage = lifecycle.replay(before.facts.map(({ fact }) => fact as F));
      const loaded = { streamId: id, version: before.facts.length, stage, facts: [] };
      const next = actors.prepare(lifecycle, loaded, command, originOf(n));
      if (next === null) throw new Error(`${command.type} makes no fact`);
      return {
        facts: [...before.facts, ...next.facts],
        effects: [...before.effects, ...next.effects],
        registry: [...before.registry, ...next.registry],
      };
    }, whole);
    return { streamId: id, expectedVersion: 0, ...appended };
  };
  const commitAll = async (appendsOf: (n: number) => readonly StreamAppend[]): Promise<void> => {
    const starts = Array.from({ length: Math.ceil(count / BATCH) }, (_, i) => i * BATCH);
    await inParallel(starts, async (start) => {
      const numbers = Array.from({ length: Math.min(BATCH, count - start) }, (_, i) => start + i);
      await log.commit({ appends: numbers.flatMap(appendsOf) });
    });
  };
  /** Weekly slots and configurations would be work beside what is measured. */
  const withoutEffects = (appended: StreamAppend): StreamAppend => ({ ...appended, effects: [] });
  const registration = (n: number): readonly StreamAppend[] => {
    const [systemId, deviceId] = [siteOf(n), deviceOf(n)];
    const added = { type: 'add', device: { deviceId, systemId, tenant: TENANT } } as const;
    return [
      append(device, streamId('device', deviceId), [added], n),
      append(
        site,
        streamId('site', systemId),
        [
          { type: 'register', systemId, tenant: TENANT, settings },
          { type: 'assign-device', deviceId },
        ],
        n,
      ),
    ].map(withoutEffects);
  };
  const offering = (n: number): readonly StreamAppend[] => {
    const offer = {
      ...{ deploymentId: deploymentOf(n), systemId: siteOf(n), tenant: TENANT, deviceId: deviceOf(n) },
      ...{ assignment: 1, version: VERSION, modelType: 'ensemble' as const, jobId: null },
      artifact: { checksum: `sha256:${'a'.repeat(64)}`, size: 1_000_000 },
      accuracy: { mape: 0.05, rmse: 12 },
      trainedUntil: new Date().toISOString(),
      previousDeploymentId: null,
      expires: new Date(Date.now() + DAY_MS).toISOString(),
    };
    return [append(deployment, streamId('deployment', deploymentOf(n)), [{ type: 'offer', offer }], n)];
  };
  return {
    register: async () => {
      await commitAll(registration);
      await inParallel(
        Array.from({ length: count }, (_, n) => n),
        (n) => credentials.add({ deviceId: deviceOf(n), systemId: siteOf(n), tenant: TENANT }, secretOf(n)),
      );
    },
    offer: () => commitAll(offering),
  };
}
