import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from 'pino';
import Type from 'typebox';
import { Check } from 'typebox/value';

const LIST_SUBJECT = '$SYS.REQ.SERVER.PING.CONNZ';
const LONGEST_MS = 5_000;
/** Servers of a cluster answer side by side: the last one has spoken when none did for so long. */
const STALL_MS = 500;

const Listing = Type.Object({
  server: Type.Object({ id: Type.String() }),
  data: Type.Object({
    connections: Type.Optional(Type.Array(Type.Object({ cid: Type.Number() }))),
  }),
});

/** No server said which connections a device has: ask again later. */
class ServersSilent extends Error {
  override readonly name = 'ServersSilent';
  readonly deviceId: string;

  constructor(deviceId: string) {
    super(`no NATS server answers: connections of device ${deviceId} may still be open`);
    this.deviceId = deviceId;
  }
}

interface Connection {
  readonly server: string;
  readonly cid: number;
}

async function connectionsOf(nats: NatsConnection, deviceId: string): Promise<readonly Connection[]> {
  const query = JSON.stringify({ mqtt_client: deviceId });
  const options = { maxWait: LONGEST_MS, stall: STALL_MS, strategy: 'stall' } as const;
  const found: Connection[] = [];
  let answers = 0;
  for await (const message of await nats.requestMany(LIST_SUBJECT, query, options)) {
    const listing: unknown = message.json();
    if (!Check(Listing, listing)) continue;
    answers += 1;
    for (const { cid } of listing.data.connections ?? []) found.push({ server: listing.server.id, cid });
  }
  if (answers === 0) throw new ServersSilent(deviceId);
  return found;
}

/** Ends every MQTT connection with the device's client id, whichever server of a cluster holds it. */
export async function endConnections(nats: NatsConnection, deviceId: string, logger: Logger): Promise<void> {
  for (const { server, cid } of await connectionsOf(nats, deviceId)) {
    logger.info({ deviceId, server, cid }, 'ending the connection of a device');
    await nats.request(`$SYS.REQ.SERVER.${server}.KICK`, JSON.stringify({ cid }), { timeout: LONGEST_MS });
  }
}
