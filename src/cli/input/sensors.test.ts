import { expect, it } from 'vitest';
import { METADATA } from '../../forecasting/artifact.ts';
import { createLayout } from '../../forecasting/features/layout.ts';
import { tellSensors } from './sensors.ts';

it.each([
  [false, {}, []],
  [true, { temperatureC: 20, priceBrlMwh: 150 }, []],
  [false, { temperatureC: 20 }, [/without temperature: temperature_c is not used/]],
  [true, { temperatureC: 20 }, [/with price, and the file has no price_brl_mwh/]],
])(
  'tells what a model was trained with (%s) and the file has not, or the other way round: %j',
  (all, also, told) => {
    const layout = createLayout({ temperature: all, price: all, eventFlags: [] });
    const notes: string[] = [];
    const ignore = (): void => undefined;
    const progress = { note: (text: string) => notes.push(text), bar: ignore, done: ignore, close: ignore };
    const hour = Date.parse('2026-01-05T03:00:00Z');
    const readings = [
      { hour, loadKw: 100 },
      { hour: hour + 3_600_000, loadKw: 100, ...also },
    ];
    tellSensors({ [METADATA.layout]: JSON.stringify(layout) }, readings, progress);
    expect(notes).toEqual(told.map((text) => expect.stringMatching(text)));
  },
);
