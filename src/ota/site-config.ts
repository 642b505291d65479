import Type, { type Static } from 'typebox';
import { EventFlag, SiteSettings, SpecialDay } from '../events/site.ts';
import { nullable, OpaqueId, SystemId } from '../events/values.ts';
import { BadSignature, type Signer, signMessage, type TrustedKeys, verifyMessage } from './signature.ts';
import { conform, decodeObject, encodeMessage, RealInstant } from './wire.ts';

/** What a device needs to know of its site, retained and signed on `ml/config`. */

/** Values by the hour as somebody issued them: a temperature forecast in °C, or prices in R$/MWh; null is missing. */
const Issued = Type.Object({
  issuedAt: RealInstant,
  start: RealInstant,
  values: Type.Array(nullable(Type.Number({ minimum: -1e6, maximum: 1e6 })), { minItems: 1, maxItems: 400 }),
});

export const SiteConfig = Type.Object({
  systemId: SystemId,
  deviceId: OpaqueId,
  /** Rises with every change; a device keeps the highest it saw. */
  revision: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  issuedAt: RealInstant,
  zone: SiteSettings.properties.zone,
  ibgeCode: SiteSettings.properties.ibgeCode,
  contract: nullable(SiteSettings.properties.contract),
  /** Special days from 60 days back, which the history of a forecast reaches, to 400 days ahead. */
  holidays: Type.Array(Type.Object(SpecialDay.properties), { maxItems: 600 }),
  flags: Type.Array(Type.Object(EventFlag.properties), { maxItems: 50 }),
  /** Local hours in which a model may be fetched; all when absent. */
  downloadHours: SiteSettings.properties.downloadHours,
  /** What was said of the hours ahead and of the last days, ascending by `issuedAt`; absent where nothing was. */
  temperatureForecasts: Type.Optional(Type.Array(Issued, { maxItems: 60 })),
  prices: Type.Optional(Type.Array(Issued, { maxItems: 60 })),
});
export type SiteConfig = Static<typeof SiteConfig>;

/** The configuration is not one this device may act upon. */
class ConfigRefused extends Error {
  override readonly name = 'ConfigRefused';
  readonly refusal: 'wrong-site' | 'wrong-device' | 'bad-signature' | 'older-revision';

  constructor(refusal: ConfigRefused['refusal'], message: string) {
    super(message);
    this.refusal = refusal;
  }
}

/** The signed configuration, ready to be retained. */
export const buildSiteConfig = async (config: SiteConfig, signer: Signer): Promise<Uint8Array> =>
  encodeMessage(await signMessage(config, 'lifo4-config', signer));

export interface ConfigRules {
  readonly systemId: string;
  readonly deviceId: string;
  readonly keys: TrustedKeys;
  /** The highest revision accepted so far, 0 for none. */
  readonly floor: number;
}

function refuseUnfit(config: SiteConfig, rules: ConfigRules): void {
  if (config.systemId !== rules.systemId)
    throw new ConfigRefused(
      'wrong-site',
      `for site ${config.systemId}, this device serves ${rules.systemId}`,
    );
  if (config.deviceId !== rules.deviceId)
    throw new ConfigRefused('wrong-device', `for device ${config.deviceId}, this one is ${rules.deviceId}`);
  if (config.revision < rules.floor)
    throw new ConfigRefused('older-revision', `revision ${config.revision} is older than ${rules.floor}`);
}

/** Reads a configuration from untrusted bytes. Rejects with `MalformedMessage` or {@link ConfigRefused}. */
export async function parseSiteConfig(payload: Uint8Array, rules: ConfigRules): Promise<SiteConfig> {
  const raw = decodeObject('config', payload);
  const config = conform('config', SiteConfig, raw);
  try {
    await verifyMessage(raw, 'lifo4-config', rules.keys);
  } catch (error) {
    if (error instanceof BadSignature) throw new ConfigRefused('bad-signature', error.message);
    throw error;
  }
  refuseUnfit(config, rules);
  return config;
}
