import { expect, it } from 'vitest';
import { createPause } from './pause.ts';

it('a pause grows with each failure up to the longest, tells a reason once, and begins anew after a success', () => {
  let now = 0;
  const pause = createPause({ now: () => new Date(now) }, { firstMs: 10, longestMs: 35 });
  const lengthAfter = (reason: string): [boolean, number] => {
    const isNew = pause.begin(reason);
    const begun = now;
    while (!pause.isOver()) now += 5;
    return [isNew, now - begun];
  };
  expect(pause.isOver()).toBe(true);
  expect(['a', 'a', 'a', 'b', 'b'].map(lengthAfter)).toEqual([
    [true, 10],
    [false, 20],
    [false, 35],
    [true, 35],
    [false, 35],
  ]);
  pause.end();
  expect(lengthAfter('b')).toEqual([true, 10]);
});
