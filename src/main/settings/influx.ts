import type { FieldPlace, InfluxMapping } from '../../adapters/influx/mapping.ts';
import type { ReadingValue } from '../../ports/readings.ts';
import { address, BadSetting, type Environment, needed, noneWithout, oneOf, secret, text } from './read.ts';

/** Telemetry in InfluxDB 2. */
export interface InfluxSettings {
  readonly url: string;
  readonly token: string;
  readonly org: string;
  readonly bucket: string;
  readonly mapping: InfluxMapping;
  /** Energy prices that lie there too; null without. */
  readonly price: { readonly place: FieldPlace; readonly submarketTag: string } | null;
}

const KEYS = ['load', 'battery', 'pv', 'temperature', 'max15', 'site_price', 'price'] as const;
type Key = (typeof KEYS)[number];

const VALUE_OF: Readonly<Record<Exclude<Key, 'price'>, ReadingValue>> = {
  load: 'loadKw',
  battery: 'batteryKw',
  pv: 'pvKw',
  temperature: 'temperatureC',
  max15: 'max15Kw',
  site_price: 'priceBrlMwh',
};
const DEFAULT_FIELDS =
  'load=load_kw,battery=battery_kw,pv=pv_kw,temperature=temperature_c,max15=max15_kw,site_price=price_brl_mwh';
const OTHERS = [
  ...['INFLUX_TOKEN', 'INFLUX_ORG', 'INFLUX_BUCKET', 'INFLUX_MEASUREMENT', 'INFLUX_SITE_TAG', 'INFLUX_TAGS'],
  ...['INFLUX_FIELDS', 'INFLUX_POWER_UNIT', 'INFLUX_PLAUSIBLE_KW', 'INFLUX_SUBMARKET_TAG'],
];

/** `name=value,name=value`; a value may hold `=`, and be nothing. */
function pairs(env: Environment, name: string, example: string): readonly (readonly [string, string])[] {
  return (text(env, name) ?? '').split(',').flatMap((pair) => {
    if (pair.trim() === '') return [];
    const at = pair.indexOf('=');
    if (at < 1) throw new BadSetting(name, `write name=value pairs with commas between, such as ${example}`);
    return [[pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const];
  });
}

/** `field` of the common measurement, or `field@measurement`. */
function placeOf(written: string, measurement: string): FieldPlace {
  const [field = '', other] = written.split('@');
  return { field, measurement: other ?? measurement };
}

const isKey = (name: string): name is Key => KEYS.some((key) => key === name);

/** The defaults with what the setting changes; a name without a field is left out. */
function placesOf(env: Environment, measurement: string): ReadonlyMap<Key, FieldPlace> {
  const places = new Map<Key, FieldPlace>();
  const written = pairs(env, 'INFLUX_FIELDS', DEFAULT_FIELDS);
  for (const [name, place] of [...pairs({ DEFAULT_FIELDS }, 'DEFAULT_FIELDS', ''), ...written]) {
    if (!isKey(name)) throw new BadSetting('INFLUX_FIELDS', `write ${KEYS.join(', ')}, not ${name}`);
    if (place === '') places.delete(name);
    else places.set(name, placeOf(place, measurement));
  }
  return places;
}

function plausibleOf(env: Environment): { readonly min: number; readonly max: number } {
  const written = text(env, 'INFLUX_PLAUSIBLE_KW') ?? '1-50000';
  const [, min, max] = /^(\d+(?:\.\d+)?)-(\d+(?:\.\d+)?)$/.exec(written) ?? [];
  if (min === undefined || Number(min) >= Number(max))
    throw new BadSetting(
      'INFLUX_PLAUSIBLE_KW',
      'write the lowest and the highest median load, such as 1-50000',
    );
  return { min: Number(min), max: Number(max) };
}

function mappingOf(env: Environment, places: ReadonlyMap<Key, FieldPlace>): InfluxMapping {
  const loadKw = places.get('load');
  if (loadKw === undefined)
    throw new BadSetting('INFLUX_FIELDS', 'write a field for load, such as load=load_kw');
  const others = Object.entries(VALUE_OF).flatMap(([key, value]) => {
    const place = places.get(key as Key);
    return place === undefined ? [] : [[value, place] as const];
  });
  return {
    fields: { ...Object.fromEntries(others), loadKw },
    siteTag: text(env, 'INFLUX_SITE_TAG') ?? 'system_id',
    tags: Object.fromEntries(pairs(env, 'INFLUX_TAGS', 'phase=total')),
    powerUnit: oneOf(env, 'INFLUX_POWER_UNIT', 'kW', ['W', 'kW', 'MW']),
    plausibleKw: plausibleOf(env),
  };
}

/** Null while `INFLUX_URL` is left out. Throws {@link BadSetting}. */
export function readInflux(env: Environment): InfluxSettings | null {
  const url = address(env, 'INFLUX_URL', ['http:', 'https:']);
  if (url === null) return noneWithout(env, 'INFLUX_URL', OTHERS);
  const places = placesOf(env, text(env, 'INFLUX_MEASUREMENT') ?? 'telemetry');
  const place = places.get('price');
  return {
    url: url.replace(/\/+$/, ''),
    token: secret(env, 'INFLUX_TOKEN', 'INFLUX_URL'),
    org: needed(env, 'INFLUX_ORG', 'INFLUX_URL'),
    bucket: needed(env, 'INFLUX_BUCKET', 'INFLUX_URL'),
    mapping: mappingOf(env, places),
    price:
      place === undefined ? null : { place, submarketTag: text(env, 'INFLUX_SUBMARKET_TAG') ?? 'submarket' },
  };
}
