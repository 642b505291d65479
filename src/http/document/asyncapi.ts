import Type, { type TSchema } from 'typebox';
import { type FactType, factTypes } from '../../events/catalogue.ts';
import { Instant, nullable } from '../../events/values.ts';
import { DesiredModel } from '../../ota/assignment.ts';
import { JournalCopied } from '../../ota/journal.ts';
import { UPLINK_SCHEMAS } from '../../ota/messages.ts';
import { SiteConfig } from '../../ota/site-config.ts';
import { createTopics, DOWNLINKS, type DownlinkTopic, UPLINKS, type UplinkTopic } from '../../ota/topics.ts';
import { AlertSchema } from '../schemas/alerts.ts';
import { EvaluationSchema } from '../schemas/evaluation.ts';
import { isPlain, mapObjects } from './schema-node.ts';

/** The messages between cloud and devices, and the events for whoever automates on them, as AsyncAPI 3. */

const SITE = 'site-id';

const UPLINK_WORDS: Readonly<Record<UplinkTopic, string>> = {
  ack: 'What became of an offered model',
  state: 'What the device runs, what it tried and why they differ; retained',
  progress: 'How far an update is, for people',
  forecast: 'The next 48 hours, each hour',
  telemetry: 'What the site measured',
  journal: 'What the device wrote down of its own doing',
};

const signed = (schema: TSchema): TSchema =>
  Type.Intersect([schema, Type.Object({ signature: Type.String({ minLength: 1, maxLength: 1000 }) })]);

const Alerts = Type.Object({
  systemId: Type.String(),
  issuedAt: Instant,
  alerts: Type.Array(Type.Intersect([AlertSchema, Type.Object({ silencedUntil: nullable(Instant) })])),
});

const DOWNLINK_WORDS: Readonly<Record<DownlinkTopic, readonly [words: string, schema: TSchema]>> = {
  desired: ['The model that the device shall run; signed, retained, empty when none', DesiredModel],
  config: ['What the device has to know of its site; signed, retained', signed(SiteConfig)],
  alert: ['The site’s alerts that are not resolved; retained, empty when there are none', Alerts],
  copied: ['How far the cloud has the device’s journal; retained', JournalCopied],
};

/** Keywords of stored data that do not hold outside, where shares are in percent and fields may be added. */
const INSIDE_ONLY = new Set(['maximum', 'exclusiveMaximum', 'additionalProperties']);

/** Facts whose data is told in other words than it is stored in. */
const TOLD_OTHERWISE: Readonly<Record<string, TSchema>> = {
  EvaluationCompleted: Type.Object({ result: EvaluationSchema }),
};

const plain = (schema: TSchema): unknown => JSON.parse(JSON.stringify(schema));

/** A fact type's data as the API and events tell it: shares in percent. */
function toldData({ type, schema }: FactType): unknown {
  const told = TOLD_OTHERWISE[type];
  if (told !== undefined) return plain(told);
  return mapObjects(plain(schema), (object) =>
    Object.fromEntries(
      Object.entries(object).filter(([key, value]) => !INSIDE_ONLY.has(key) || isPlain(value)),
    ),
  );
}

const text = { type: 'string' };

/** CloudEvents 1.0 around a fact. */
const eventSchema = (fact: FactType) => ({
  type: 'object',
  required: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'sequence', 'tenant', 'actor'],
  properties: {
    specversion: { const: '1.0' },
    ...{ id: text, source: text, subject: text, time: text, sequence: text, partitionkey: text },
    type: { const: `lifo4.${fact.type}` },
    streamversion: { type: 'integer' },
    ...{ tenant: text, system: text, actor: text, correlationid: text, causationid: text },
    ...{ traceparent: text, sitetime: text, datacontenttype: { const: 'application/json' } },
    data: toldData(fact),
  },
});

interface Channel {
  readonly name: string;
  readonly address: string;
  readonly action: 'send' | 'receive';
  readonly summary: string;
  readonly payload: unknown;
}

function channelsOf(prefix: string): readonly Channel[] {
  const topics = createTopics(prefix);
  const addressOf = (topic: string): string => topic.replace(SITE, '{systemId}');
  return [
    ...UPLINKS.map((name) => ({
      ...{ name, action: 'receive' as const, summary: UPLINK_WORDS[name] },
      ...{ address: addressOf(topics.uplink(name, SITE)), payload: plain(UPLINK_SCHEMAS[name]) },
    })),
    ...DOWNLINKS.map((name) => ({
      ...{ name, action: 'send' as const, summary: DOWNLINK_WORDS[name][0] },
      ...{ address: addressOf(topics.downlink(name, SITE)), payload: plain(DOWNLINK_WORDS[name][1]) },
    })),
    ...factTypes.map((fact) => ({
      ...{ name: fact.type, action: 'send' as const, summary: `${fact.type} in a stream ${fact.streamType}` },
      address: `${prefix}.events.${fact.streamType}.{systemId}.${fact.type}`,
      payload: eventSchema(fact),
    })),
  ];
}

const isEvent = ({ address }: Channel): boolean => !address.includes('/');

function describeChannel(channel: Channel) {
  const where = isEvent(channel) ? 'The site, or `_` where there is none.' : 'The site.';
  return {
    address: channel.address,
    description: channel.summary,
    servers: [{ $ref: `#/servers/${isEvent(channel) ? 'nats' : 'mqtt'}` }],
    parameters: { systemId: { description: where } },
    messages: {
      [channel.name]: { summary: channel.summary, contentType: 'application/json', payload: channel.payload },
    },
  };
}

const operationOf = ({ name, action, summary }: Channel) => ({
  action,
  summary,
  channel: { $ref: `#/channels/${name}` },
  messages: [{ $ref: `#/channels/${name}/messages/${name}` }],
});

const DESCRIPTION =
  'As the cloud sees it: what it receives from devices and sends to them over MQTT (on a NATS server the same topics are subjects, with dots for slashes), and the facts of the log that it publishes on NATS as CloudEvents 1.0.';

/** The document for topics and subjects under `prefix`. */
export function asyncApiDocument(prefix: string, version: string) {
  const channels = channelsOf(prefix);
  return {
    asyncapi: '3.0.0',
    info: { title: 'lifo4-ml', version, description: DESCRIPTION },
    defaultContentType: 'application/json',
    servers: {
      mqtt: { host: 'broker', protocol: 'mqtt', description: 'The broker of devices.' },
      nats: { host: 'broker', protocol: 'nats', description: 'Where a NATS server is set up.' },
    },
    channels: Object.fromEntries(channels.map((channel) => [channel.name, describeChannel(channel)])),
    operations: Object.fromEntries(
      channels.map((channel) => [`${channel.action}-${channel.name}`, operationOf(channel)]),
    ),
  };
}
