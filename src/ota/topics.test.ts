import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SYSTEM_ID_PATTERN } from '../events/values.ts';
import { createTopics, DOWNLINKS, InvalidTopicPart, UPLINKS } from './topics.ts';

const topics = createTopics();
const systemId = fc.stringMatching(new RegExp(SYSTEM_ID_PATTERN));

describe('topics', () => {
  it('spells the topics of a site', () => {
    expect(topics.downlink('desired', 'bess-456')).toBe('lifo4/bess-456/ml/model');
    expect(topics.downlink('config', 'bess-456')).toBe('lifo4/bess-456/ml/config');
    expect(topics.uplink('ack', 'bess-456')).toBe('lifo4/bess-456/ml/model/ack');
    expect(topics.uplink('telemetry', 'bess-456')).toBe('lifo4/bess-456/telemetry');
    expect(topics.uplinkFilter('state')).toBe('lifo4/+/ml/model/state');
    expect(topics.uplinkSubject('ack')).toBe('lifo4.*.ml.model.ack');
  });

  it('parses back what it built, as topic and as subject', () => {
    fc.assert(
      fc.property(systemId, fc.constantFrom(...UPLINKS), (id, name) => {
        const topic = topics.uplink(name, id);
        const expected = { direction: 'up', systemId: id, name };
        expect(topics.parse(topic)).toEqual(expected);
        expect(topics.parseSubject(topic.replaceAll('/', '.'))).toEqual(expected);
      }),
    );
  });

  it('lets a device publish its own uplinks and read its own downlinks, and nothing of another site', () => {
    fc.assert(
      fc.property(systemId, systemId, (own, other) => {
        for (const name of UPLINKS) {
          expect(topics.mayPublish(own, topics.uplink(name, own))).toBe(true);
          expect(topics.mayPublish(own, topics.uplink(name, other))).toBe(own === other);
          expect(topics.maySubscribe(own, topics.uplink(name, own))).toBe(false);
        }
        for (const name of DOWNLINKS) {
          expect(topics.maySubscribe(own, topics.downlink(name, own))).toBe(true);
          expect(topics.maySubscribe(own, topics.downlink(name, other))).toBe(own === other);
          expect(topics.mayPublish(own, topics.downlink(name, own))).toBe(false);
        }
      }),
    );
  });

  it.each([
    '#',
    '+',
    'lifo4/#',
    'lifo4/+/ml/model',
    'lifo4/bess-456/#',
    'lifo4/bess-456/ml/+',
    'lifo4/bess-456/ml/model/',
    '/lifo4/bess-456/ml/model',
    'lifo4//ml/model',
    'lifo4/bess-456.x/ml/model',
    '$share/g/lifo4/bess-456/ml/model',
    '$SYS/broker',
    'other/bess-456/ml/model',
    'lifo4/bess-456/ml/model\u0000',
    '',
  ])('refuses %j to a device', (topic) => {
    expect(topics.maySubscribe('bess-456', topic)).toBe(false);
    expect(topics.mayPublish('bess-456', topic)).toBe(false);
    expect(topics.parse(topic)?.direction).not.toBe('up');
  });

  it('never gets a wildcard or separator into a topic', () => {
    for (const id of ['+', '#', '*', '>', 'a/b', 'a.b', '../x', '', 'A', 'x'.repeat(64), 'a b', 'a\n'])
      expect(() => topics.uplink('ack', id)).toThrow(InvalidTopicPart);
    for (const prefix of ['', 'a/b', 'a.b', '+', '#', '$SYS', 'x'.repeat(41)])
      expect(() => createTopics(prefix)).toThrow(InvalidTopicPart);
  });

  it('works under another prefix', () => {
    const own = createTopics('acme');
    expect(own.parse(own.downlink('alert', 'x1'))).toEqual({
      direction: 'down',
      systemId: 'x1',
      name: 'alert',
    });
    expect(own.parse('lifo4/x1/ml/alert')).toBeNull();
    expect(own.parseSubject('acme.x1/ml.alert')).toBeNull();
  });
});
