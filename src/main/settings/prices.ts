import { SUBMARKETS, type Submarket } from '../../ports/energy-prices.ts';
import { BadSetting, type Environment, oneOf, text } from './read.ts';

export interface PriceSettings {
  /** Files and addresses of CCEE's hourly PLD, in their order; empty without. */
  readonly pld: readonly string[];
  /** Of sites whose place is not known; null for none. */
  readonly submarket: Submarket | null;
}

const NONE = 'none';

/** Throws {@link BadSetting}. */
export function readPrices(env: Environment): PriceSettings {
  const pld = (text(env, 'CCEE_PLD') ?? '').split(',').flatMap((source) => source.trim() || []);
  const broken = pld.find((source) => /^https?:/.test(source) && !URL.canParse(source));
  if (broken !== undefined)
    throw new BadSetting('CCEE_PLD', `write an address or a path instead of ${broken}`);
  const submarket = oneOf(env, 'CCEE_SUBMARKET', NONE, [NONE, ...SUBMARKETS]);
  return { pld, submarket: submarket === NONE ? null : submarket };
}
