/** All devices of the fleet in one process: each with a connection and a login of its own. */
import { createTopics } from '../../src/ota/topics.ts';
import { type MqttDevice, openMqttDevice } from './mqtt-device.ts';
import { type DevicesAnswer, deviceOf, secretOf, siteOf } from './names.ts';

/** Logins under way at a time. */
const AT_ONCE = 100;
/** One in so many says everything twice, as a device does whose connection broke before the acknowledgement. */
const REPEATS = 10;

const [, , mqttUrl = '', count = '0'] = process.argv;
const { hostname: host, port } = new URL(mqttUrl);
const topics = createTopics();
const devices: MqttDevice[] = [];

const tell = (answer: DevicesAnswer): void => {
  process.send?.(answer);
};

function answerTo(n: number, payload: Buffer, device: MqttDevice): void {
  if (payload.length === 0) return;
  const { deploymentId, assignment, version } = JSON.parse(payload.toString());
  const ack = JSON.stringify({
    messageId: `ack-${deploymentId}`,
    deviceId: deviceOf(n),
    ...{ deploymentId, assignment, version },
    status: 'active',
    runningVersion: version,
    inferenceMs: 3,
    at: new Date().toISOString(),
  });
  const topic = topics.uplink('ack', siteOf(n));
  void device.publish(topic, ack);
  if (n % REPEATS === 0) void device.publish(topic, ack);
}

async function connectAll(): Promise<void> {
  const started = performance.now();
  const numbers = Array.from({ length: Number(count) }, (_, n) => n).values();
  const work = async (): Promise<void> => {
    for (const n of numbers) {
      const login = { host, port: Number(port), deviceId: deviceOf(n), secret: secretOf(n) };
      const topic = topics.downlink('desired', siteOf(n));
      devices.push(await openMqttDevice(login, topic, (payload, device) => answerTo(n, payload, device)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  tell({ kind: 'connected', seconds: (performance.now() - started) / 1000 });
}

process.once('disconnect', () => {
  for (const device of devices) device.end();
});
connectAll().catch((error: unknown) => tell({ kind: 'failed', reason: String(error) }));
