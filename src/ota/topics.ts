import { SYSTEM_ID_PATTERN } from '../events/values.ts';

/**
 * Names and rules of the topics between cloud and devices: `{prefix}/{systemId}/…`. The embedded broker, the
 * permissions of an outside broker and both ends of the link read them here and nowhere else.
 */

/** What a device says, and its topic below the site. */
const UPLINK_TOPICS = {
  ack: 'ml/model/ack',
  state: 'ml/model/state',
  progress: 'ml/model/progress',
  forecast: 'ml/forecast',
  telemetry: 'telemetry',
  journal: 'ml/journal',
} as const;
export type UplinkTopic = keyof typeof UPLINK_TOPICS;

/** What the cloud says, and its topic below the site. */
const DOWNLINK_TOPICS = {
  desired: 'ml/model',
  config: 'ml/config',
  alert: 'ml/alert',
  copied: 'ml/journal/copied',
} as const;
export type DownlinkTopic = keyof typeof DOWNLINK_TOPICS;

export const UPLINKS: readonly UplinkTopic[] = [
  'ack',
  'state',
  'progress',
  'forecast',
  'telemetry',
  'journal',
];
export const DOWNLINKS: readonly DownlinkTopic[] = ['desired', 'config', 'alert', 'copied'];

const DEFAULT_PREFIX = 'lifo4';

/** Largest message either side may send, in bytes. */
export const MAX_MESSAGE_BYTES = 256 * 1024;

/** More bytes than {@link MAX_MESSAGE_BYTES}: the broker would end the connection. Send them in parts. */
export class MessageTooLarge extends Error {
  override readonly name = 'MessageTooLarge';
  readonly topic: string;
  readonly bytes: number;

  constructor(topic: string, bytes: number) {
    super(`a message of ${bytes} bytes for ${topic} exceeds ${MAX_MESSAGE_BYTES}: send it in parts`);
    this.topic = topic;
    this.bytes = bytes;
  }
}

/**
 * The cloud's own clients are named so that no device can be: an opaque id never starts with this. Two clients
 * of one name would throw each other out.
 */
export const CLOUD_CLIENT_PREFIX = '@cloud-';

const PREFIX = /^[A-Za-z0-9_-]{1,40}$/;
const SYSTEM_ID = new RegExp(SYSTEM_ID_PATTERN);

/** The prefix or site id holds a character that means something in a topic or subject, or is too long. */
export class InvalidTopicPart extends Error {
  override readonly name = 'InvalidTopicPart';
  readonly part: 'prefix' | 'systemId';
  readonly value: string;

  constructor(part: 'prefix' | 'systemId', value: string) {
    const rule = part === 'prefix' ? PREFIX.source : SYSTEM_ID_PATTERN;
    super(`${JSON.stringify(value.slice(0, 80))} cannot be the ${part} of a topic: it must match ${rule}`);
    this.part = part;
    this.value = value;
  }
}

type ParsedTopic =
  | { readonly direction: 'up'; readonly systemId: string; readonly name: UplinkTopic }
  | { readonly direction: 'down'; readonly systemId: string; readonly name: DownlinkTopic };

export interface Topics {
  readonly prefix: string;
  /** Throws {@link InvalidTopicPart}. */
  uplink(name: UplinkTopic, systemId: string): string;
  /** Throws {@link InvalidTopicPart}. */
  downlink(name: DownlinkTopic, systemId: string): string;
  /** What the cloud subscribes to: this uplink of every site. */
  uplinkFilter(name: UplinkTopic): string;
  /** The same as a NATS subject, in which a server's MQTT listener delivers it. */
  uplinkSubject(name: UplinkTopic): string;
  /** Null for anything that is not exactly one of our topics. */
  parse(topic: string): ParsedTopic | null;
  /** A subject that a NATS server mapped from one of our topics. */
  parseSubject(subject: string): ParsedTopic | null;
  /** Whether the site's device may publish here: only its own uplink topics. */
  mayPublish(systemId: string, topic: string): boolean;
  /** Whether the site's device may subscribe to this: only its own downlink topics, spelt out. */
  maySubscribe(systemId: string, filter: string): boolean;
  /** The same rules as subjects of a NATS server. Throws {@link InvalidTopicPart}. */
  deviceSubjects(systemId: string): DeviceSubjects;
}

/** Everything that a site's device may say and hear; nothing else is granted. */
export interface DeviceSubjects {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** A NATS server maps the levels of a topic to the tokens of a subject. */
const subjectOf = (topic: string): string => topic.replaceAll('/', '.');

function namesByPath<Name extends string>(paths: Readonly<Record<Name, string>>, names: readonly Name[]) {
  return new Map(names.map((name) => [paths[name], name] as const));
}

const UPLINK_BY_PATH = namesByPath(UPLINK_TOPICS, UPLINKS);
const DOWNLINK_BY_PATH = namesByPath(DOWNLINK_TOPICS, DOWNLINKS);

function checkedSystemId(systemId: string): string {
  if (!SYSTEM_ID.test(systemId)) throw new InvalidTopicPart('systemId', systemId);
  return systemId;
}

function parseParts(prefix: string, parts: readonly string[]): ParsedTopic | null {
  const [head, systemId, ...rest] = parts;
  if (head !== prefix || systemId === undefined || !SYSTEM_ID.test(systemId)) return null;
  const path = rest.join('/');
  const up = UPLINK_BY_PATH.get(path);
  if (up !== undefined) return { direction: 'up', systemId, name: up };
  const down = DOWNLINK_BY_PATH.get(path);
  return down === undefined ? null : { direction: 'down', systemId, name: down };
}

/** Topics under one prefix. Throws {@link InvalidTopicPart}. */
export function createTopics(prefix: string = DEFAULT_PREFIX): Topics {
  if (!PREFIX.test(prefix)) throw new InvalidTopicPart('prefix', prefix);
  const parse = (topic: string): ParsedTopic | null => parseParts(prefix, topic.split('/'));
  const allowed = (direction: ParsedTopic['direction'], systemId: string, topic: string): boolean => {
    const parsed = parse(topic);
    return parsed !== null && parsed.direction === direction && parsed.systemId === systemId;
  };
  const uplink: Topics['uplink'] = (name, systemId) =>
    `${prefix}/${checkedSystemId(systemId)}/${UPLINK_TOPICS[name]}`;
  const downlink: Topics['downlink'] = (name, systemId) =>
    `${prefix}/${checkedSystemId(systemId)}/${DOWNLINK_TOPICS[name]}`;
  return {
    prefix,
    uplink,
    downlink,
    uplinkFilter: (name) => `${prefix}/+/${UPLINK_TOPICS[name]}`,
    uplinkSubject: (name) => `${prefix}.*.${subjectOf(UPLINK_TOPICS[name])}`,
    parse,
    parseSubject: (subject) => (subject.includes('/') ? null : parse(subject.replaceAll('.', '/'))),
    mayPublish: (systemId, topic) => allowed('up', systemId, topic),
    maySubscribe: (systemId, filter) => allowed('down', systemId, filter),
    deviceSubjects: (systemId) => ({
      publish: UPLINKS.map((name) => subjectOf(uplink(name, systemId))),
      subscribe: DOWNLINKS.map((name) => subjectOf(downlink(name, systemId))),
    }),
  };
}
