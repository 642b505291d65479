import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import mqttPacket from 'mqtt-packet';
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { createMqttDeviceClient } from './device-client.ts';

const PIECE = Buffer.alloc(1024 * 1024);
/** The head of a message of 200 MB. */
const HEAD = Buffer.from([0x30, 0x80, 0x80, 0x80, 0x64, 0x00, 0x03, 0x61, 0x62, 0x63]);

/** Desired state, configuration, and how far the journal is copied. */
const SUBSCRIPTIONS = 3;

/** Sends as long as somebody listens; resolves with the bytes that were asked for. */
async function pour(socket: Socket): Promise<number> {
  socket.write(HEAD);
  let sent = 0;
  while (!socket.destroyed && sent < 200 * PIECE.length) {
    sent += PIECE.length;
    if (!socket.write(PIECE))
      await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => null);
  }
  return sent;
}

function answerTo(packet: mqttPacket.Packet): Buffer {
  if (packet.cmd === 'connect')
    return mqttPacket.generate({ cmd: 'connack', returnCode: 0, sessionPresent: false });
  return mqttPacket.generate({ cmd: 'suback', messageId: packet.messageId ?? 0, granted: [0] });
}

/** A broker that takes everybody, and has one message without an end for who has subscribed. */
function badBroker(onPoured: (bytes: number) => void) {
  return createServer((socket) => {
    const parser = mqttPacket.parser();
    let packets = 0;
    socket.on('error', () => undefined).on('data', (bytes) => parser.parse(bytes));
    parser.on('packet', (packet) => {
      socket.write(answerTo(packet));
      packets += 1;
      if (packets === 1 + SUBSCRIPTIONS) void pour(socket).then(onPoured);
    });
  });
}

it('a message without an end ends the connection, is told, and waits longer each time', async () => {
  const poured: number[] = [];
  const server = badBroker((bytes) => poured.push(bytes)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const link = createMqttDeviceClient({
    ...{ url: `mqtt://127.0.0.1:${port}`, deviceId: 'dev-1', secret: 'a secret', systemId: 'bess-456' },
    ...{ logger: pino({ level: 'silent' }), backoff: { firstMs: 1, longestMs: 5 } },
  });
  onTestFinished(async () => {
    await link.close();
    server.close();
  });
  const reasons = new Promise<readonly (Error | null)[]>((resolve) => {
    const told: (Error | null)[] = [];
    link.onDisconnected((reason) => {
      told.push(reason);
      if (told.length === 2) resolve(told);
    });
  });
  link.start();
  for (const reason of await reasons)
    expect(reason?.message).toMatch(/sent a message of more than 8388608 bytes/);
  expect(Math.max(...poured)).toBeLessThan(40 * PIECE.length);
});
