import { READING_VALUES, type ReadingValue } from '../../ports/readings.ts';

/** Where one kind of value lies. */
export interface FieldPlace {
  readonly measurement: string;
  readonly field: string;
}

export type PowerUnit = 'W' | 'kW' | 'MW';

/** How the operators' own data are laid out. */
export interface InfluxMapping {
  readonly fields: Partial<Readonly<Record<ReadingValue, FieldPlace>>> & { readonly loadKw: FieldPlace };
  /** The tag that names the site. */
  readonly siteTag: string;
  /** Further tags that series must have, and that points which we write get. */
  readonly tags: Readonly<Record<string, string>>;
  /** Of load, battery, solar and demand. */
  readonly powerUnit: PowerUnit;
  /** A site whose median load lies outside was not measured in `powerUnit`, kW. */
  readonly plausibleKw: { readonly min: number; readonly max: number };
}

const KW = { W: 0.001, kW: 1, MW: 1000 } as const;

/** kW (or °C, or R$/MWh) in one of what is stored. */
export const factorOf = ({ powerUnit }: InfluxMapping, value: ReadingValue): number =>
  value === 'temperatureC' || value === 'priceBrlMwh' ? 1 : KW[powerUnit];

/** The values that are mapped, in a fixed order. */
export const mappedValues = ({ fields }: InfluxMapping): readonly (readonly [ReadingValue, FieldPlace])[] =>
  READING_VALUES.flatMap((value) => {
    const place = fields[value];
    return place === undefined ? [] : [[value, place] as const];
  });
