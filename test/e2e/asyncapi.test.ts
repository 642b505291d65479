import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Compile } from 'typebox/compile';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parseAddress } from '../../src/adapters/nats/login.ts';
import { findNatsServer, type NatsService, startNats } from '../services/nats.ts';
import { createQuickTrainer } from './quick-trainer.ts';
import { createWorld, type E2eWorld } from './world.ts';

const binary = await findNatsServer();
const SITE = 'bess-heard';

interface Document {
  readonly channels: Readonly<
    Record<
      string,
      { readonly address: string; readonly messages: Readonly<Record<string, { readonly payload: object }>> }
    >
  >;
}

interface Heard {
  readonly subject: string;
  readonly text: string;
}

/** What the document says of a subject: its channel's name and the check of its messages. */
function channelOf(document: Document, subject: string) {
  const spelt = subject.replaceAll('/', '.').split('.');
  for (const [name, { address, messages }] of Object.entries(document.channels)) {
    const parts = address.replaceAll('/', '.').split('.');
    const fits =
      parts.length === spelt.length && parts.every((part, i) => part === '{systemId}' || part === spelt[i]);
    const payload = messages[name]?.payload;
    if (fits && payload !== undefined) return { name, validator: Compile(payload) };
  }
  return null;
}

/** Why a message is not as the document says, or null. An empty one takes a retained message away. */
function wrong(document: Document, { subject, text }: Heard): string | null {
  const channel = channelOf(document, subject);
  if (channel === null) return `${subject} has no channel`;
  if (text === '') return null;
  const value: unknown = JSON.parse(text);
  if (channel.validator.Check(value)) return null;
  return `${subject}: ${JSON.stringify(channel.validator.Errors(value).slice(0, 2))}`;
}

describe.skipIf(binary === null)('the AsyncAPI document', { timeout: 180_000 }, () => {
  let nats: NatsService;
  let world: E2eWorld;
  let listener: NatsConnection;
  const heard: Heard[] = [];

  beforeAll(async () => {
    nats = await startNats(binary ?? '');
    const { servers, login } = parseAddress(nats.url);
    listener = await connect({ servers: [...servers], user: login.user, pass: login.password });
    listener.subscribe('lifo4.>', {
      callback: (_error, message) => void heard.push({ subject: message.subject, text: message.string() }),
    });
    world = await createWorld({
      env: { NATS_URL: nats.url, MQTT_URL: nats.mqttUrl },
      wrapTrainer: createQuickTrainer,
    });
  }, 120_000);
  afterAll(async () => {
    await listener.close();
    await world.close();
    await nats.close();
  });

  it('has a channel for everything that a site’s life brings to the broker, and every message fits it', async () => {
    await world.addSite(SITE);
    const device = await world.startDevice(SITE, await world.addDevice(SITE));
    await world.jobReaches(await world.retrain(SITE), 'acked');
    const said = (part: string) => heard.some(({ subject }) => subject.endsWith(part));
    const parts = ['.ml.model', '.ml.model.ack', '.ml.model.state', '.ml.config', '.DeploymentActivated'];
    await vi.waitFor(() => expect(parts.filter((part) => !said(part))).toEqual([]), 30_000);
    await device.stop();
    const response = await fetch(`${world.cloud.url}/asyncapi.json`);
    const document = (await response.json()) as Document;
    expect(heard.map((message) => wrong(document, message)).filter((problem) => problem !== null)).toEqual(
      [],
    );
  });
});
