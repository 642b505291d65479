import type { Contract, SiteSettings } from '../../events/site.ts';
import { fraction, percent } from './percent.ts';

const contractWith = (contract: Contract | null, convert: (value: number) => number): Contract | null =>
  contract === null ? null : { ...contract, tolerance: convert(contract.tolerance) };

const settingsWith = (settings: SiteSettings, convert: (value: number) => number): SiteSettings => ({
  ...settings,
  contract: contractWith(settings.contract, convert),
  target: settings.target === null ? null : { ...settings.target, mape: convert(settings.target.mape) },
});

/** Settings with tolerance and target in percent. */
export const presentSettings = (settings: SiteSettings): SiteSettings => settingsWith(settings, percent);

export const presentContract = (contract: Contract | null): Contract | null =>
  contractWith(contract, percent);

/** The other way round: what a request says in percent, as the facts keep it. */
export const settingsOf = (settings: SiteSettings): SiteSettings => settingsWith(settings, fraction);
