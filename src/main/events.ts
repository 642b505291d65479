import type { Logger } from 'pino';
import { openNatsEventPublisher } from '../adapters/nats/event-publisher.ts';
import type { Postgres } from '../adapters/postgres/open.ts';
import { presentFact } from '../http/present/fact.ts';
import type { BrokerTls } from '../ports/broker-tls.ts';
import type { Closing } from './closing.ts';

/** Names the checkpoint: all nodes of a cloud relay to one NATS server or cluster. */
const RELAY = 'nats-events';

interface EventOptions {
  readonly natsUrl: string;
  readonly postgres: Pick<Postgres, 'relay'>;
  readonly tls: BrokerTls;
  readonly node: string;
  readonly prefix: string;
  /** Where these events come from. */
  readonly source: string;
}

/** Publishes the log's facts as CloudEvents, one node at a time; shares in percent, as everywhere outside. */
export async function publishEvents(
  { natsUrl, tls, postgres, node, prefix, source }: EventOptions,
  root: Logger,
  closing: Closing,
): Promise<void> {
  const logger = root.child({ part: 'events' });
  const present = (fact: Parameters<typeof presentFact>[0]): unknown => presentFact(fact).data;
  const publisher = await openNatsEventPublisher({
    url: natsUrl,
    tls,
    node,
    logger,
    prefix,
    source,
    present,
  });
  closing.add('event publisher', () => publisher.close());
  const relay = postgres.relay({ name: RELAY, deliver: publisher.publish, logger });
  closing.add('event relay', () => relay.close());
}
