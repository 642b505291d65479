import { connect, type Socket } from 'node:net';

/**
 * As little of MQTT 3.1.1 as a device needs: one TCP connection, its own login, its desired state at QoS 0, and an
 * answer at QoS 1. Ten thousand of them must not cost what ten thousand processes at ten thousand sites would.
 */

const [CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK] = [1, 2, 3, 4, 8, 9];
const SUBSCRIBE_FLAGS = 2;
const QOS_1 = 2;
const LENGTH_BITS = 7;
const KEEPALIVE_SECONDS = 0;

export interface DeviceLogin {
  readonly host: string;
  readonly port: number;
  readonly deviceId: string;
  readonly secret: string;
}

export interface MqttDevice {
  /** Resolves when the broker has the message. */
  publish(topic: string, payload: string): Promise<void>;
  end(): void;
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function packet(type: number, flags: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const head = [(type << 4) | flags];
  let rest = body.length;
  do {
    const more = rest >> LENGTH_BITS;
    head.push((rest & 0x7f) | (more > 0 ? 0x80 : 0));
    rest = more;
  } while (rest > 0);
  return Buffer.concat([Buffer.from(head), body]);
}

interface Frame {
  readonly type: number;
  readonly body: Buffer;
}

/** The remaining length that begins at `from`, and where its packet's body does; null when it is not whole. */
function readLength(buffer: Buffer, from: number): { readonly length: number; readonly body: number } | null {
  let length = 0;
  for (let at = from, shift = 0; at < buffer.length; at += 1, shift += LENGTH_BITS) {
    const byte = buffer[at] ?? 0;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { length, body: at + 1 };
  }
  return null;
}

/** Cuts the stream into frames; gives back what is not whole yet. */
function cut(buffer: Buffer, onFrame: (frame: Frame) => void): Buffer {
  let at = 0;
  for (;;) {
    const head = readLength(buffer, at + 1);
    if (head === null || head.body + head.length > buffer.length) return buffer.subarray(at);
    const end = head.body + head.length;
    onFrame({ type: (buffer[at] ?? 0) >> 4, body: buffer.subarray(head.body, end) });
    at = end;
  }
}

/** What the broker says, by kind of packet and, for acknowledgements, by id. */
function createMailbox() {
  const waiting = new Map<string, (body: Buffer) => void>();
  return {
    next: (type: number, id = 0): Promise<Buffer> =>
      new Promise((resolve) => waiting.set(`${type} ${id}`, resolve)),
    deliver: ({ type, body }: Frame): void => {
      const key = `${type} ${type === CONNACK ? 0 : body.readUInt16BE(0)}`;
      waiting.get(key)?.(body);
      waiting.delete(key);
    },
  };
}

function openSocket({ host, port }: DeviceLogin): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    socket.setNoDelay(true);
    socket.once('error', reject).once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

const numbered = (id: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(id);
  return bytes;
};

/** Connects, logs in and subscribes. Rejects when the broker refuses either. */
export async function openMqttDevice(
  login: DeviceLogin,
  topic: string,
  onMessage: (payload: Buffer, device: MqttDevice) => void,
): Promise<MqttDevice> {
  const { deviceId, secret } = login;
  const socket = await openSocket(login);
  const mailbox = createMailbox();
  let rest: Buffer = Buffer.alloc(0);
  let lastId = 1;
  const device: MqttDevice = {
    publish: async (to, payload) => {
      lastId += 1;
      const acknowledged = mailbox.next(PUBACK, lastId);
      socket.write(packet(PUBLISH, QOS_1, text(to), numbered(lastId), Buffer.from(payload)));
      await acknowledged;
    },
    end: () => socket.destroy(),
  };
  const take = (frame: Frame): void => {
    const { type, body } = frame;
    if (type === PUBLISH) onMessage(body.subarray(2 + body.readUInt16BE(0)), device);
    else mailbox.deliver(frame);
  };
  socket.on('error', () => undefined);
  socket.on('data', (data) => {
    rest = cut(rest.length === 0 ? data : Buffer.concat([rest, data]), take);
  });
  const refused = new Promise<never>((_, reject) => {
    socket.once('close', () => reject(new Error(`the broker ended the connection of ${deviceId}`)));
  });
  refused.catch(() => undefined);
  const version = Buffer.from([4, 0xc2, 0, KEEPALIVE_SECONDS]);
  const greeted = mailbox.next(CONNACK);
  socket.write(packet(CONNECT, 0, text('MQTT'), version, text(deviceId), text(deviceId), text(secret)));
  const [, code] = await Promise.race([greeted, refused]);
  if (code !== 0) throw new Error(`the broker refuses ${deviceId} with ${code}`);
  const subscribed = mailbox.next(SUBACK, 1);
  socket.write(packet(SUBSCRIBE, SUBSCRIBE_FLAGS, numbered(1), text(topic), Buffer.of(0)));
  const granted = await Promise.race([subscribed, refused]);
  if (granted[2] !== 0) throw new Error(`the broker does not let ${deviceId} read ${topic}`);
  return device;
}
