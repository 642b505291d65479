import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trainingJob } from '../../src/machines/training-job.ts';
import { historyOf, marksOf } from '../../src/visualizer/steps.ts';
import { fold } from '../../web/fold.ts';
import { createEventReader, type ServerEvent } from '../../web/sse.ts';
import { jobStory } from './story.ts';

describe('the page’s own fold', () => {
  it.each(jobStory.map((_, i) => i))('marks what the server marks after %i facts', (count) => {
    const facts = jobStory.slice(0, count);
    const marks = marksOf(trainingJob, historyOf(trainingJob, facts));
    const standing = fold(
      trainingJob.definition,
      facts.map(({ fact }) => fact.type),
    );
    expect(standing.state).toBe(marks.current);
    expect([...standing.taken]).toEqual(marks.taken);
    expect([...standing.possible]).toEqual(marks.possible);
  });

  it('changes nothing for a fact that it does not know there', () => {
    expect(fold(trainingJob.definition, ['JobAcked', 'constructor', ''])).toEqual(
      fold(trainingJob.definition, []),
    );
  });
});

const STREAM = [
  ': a comment',
  'id: 7',
  'event: fact',
  'data: {"type":"JobRequested",',
  'data:  "ünï":"🔋"}',
  '',
  'event: fact',
  'id: 8',
  'data: two',
  '',
  'data',
  'id: with\0null',
  '',
  'id: 9',
  '',
  'data: unfinished',
];

const read = (pieces: readonly string[]) => {
  const events: ServerEvent[] = [];
  const reader = createEventReader((event) => events.push(event));
  for (const piece of pieces) reader.feed(piece);
  return { events, lastId: reader.lastId() };
};

const expected = [
  { event: 'fact', data: '{"type":"JobRequested",\n "ünï":"🔋"}' },
  { event: 'fact', data: 'two' },
  { event: 'message', data: '' },
];

describe('server-sent events', () => {
  it.each([
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['CR', '\r'],
  ])('end with %s, however they are cut', (_, end) => {
    const text = STREAM.join(end);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const pieces = places.slice(1).map((place, i) => text.slice(places[i], place));
        expect(read(pieces)).toEqual({ events: expected, lastId: '9' });
      }),
    );
  });
});
