import type { Contract, SiteSettings } from '../../events/site.ts';
import type { SettingsInput } from '../schemas/sites.ts';
import { fraction, percent } from './percent.ts';

/** A site's settings: percent outside, fractions inside. */

const DEFAULT_CONTRACT = {
  peakKw: null,
  peakHours: [18, 19, 20],
  tolerance: 5,
  validFrom: null,
  validTo: null,
} as const;

const DEFAULTS = {
  zone: 'America/Sao_Paulo',
  ibgeCode: null,
  tariff: null,
  ratedKw: null,
} as const;

export const presentContract = (contract: Contract | null): Contract | null =>
  contract === null ? null : { ...contract, tolerance: percent(contract.tolerance) };

export const presentSettings = (settings: SiteSettings): SiteSettings => ({
  ...settings,
  contract: presentContract(settings.contract),
  target: settings.target === null ? null : { ...settings.target, mape: percent(settings.target.mape) },
});

function contractOf(input: NonNullable<SettingsInput['contract']>): Contract {
  const contract = { ...DEFAULT_CONTRACT, ...input };
  return { ...contract, peakHours: [...contract.peakHours], tolerance: fraction(contract.tolerance) };
}

/** What a request asks for, completed by the defaults, as the facts keep it. */
export function settingsOf({ contract = null, target = null, ...given }: SettingsInput): SiteSettings {
  return {
    ...DEFAULTS,
    ...given,
    contract: contract === null ? null : contractOf(contract),
    target: target === null ? null : { ...target, mape: fraction(target.mape) },
  };
}
