import { compare, inc } from 'semver';
import { Check } from 'typebox/value';
import { type ModelType, ModelVersion } from '../events/values.ts';

/** Model versions of a site, and the addresses under which a device finds them. */

/** Not a model version: three whole numbers with dots, as in `1.3.0`. */
export class InvalidVersion extends Error {
  override readonly name = 'InvalidVersion';
  readonly value: string;

  constructor(value: string) {
    super(
      `${JSON.stringify(value.slice(0, 40))} is no model version: write three whole numbers, as in 1.3.0`,
    );
    this.value = value;
  }
}

function checked(version: string): string {
  if (!Check(ModelVersion, version)) throw new InvalidVersion(version);
  return version;
}

/**
 * The version of the next evaluated retrain: minor by default, major when the input layout changed.
 * `last` is the site's highest version so far, null before its first (which is 1.0.0). Throws {@link InvalidVersion}.
 */
export function nextVersion(last: string | null, layoutChanged: boolean): string {
  if (last === null) return '1.0.0';
  const next = inc(checked(last), layoutChanged ? 'major' : 'minor');
  if (next === null) throw new InvalidVersion(last);
  return checked(next);
}

/** Negative when `a` is the older version. Throws {@link InvalidVersion}. */
export const compareVersions = (a: string, b: string): number => compare(checked(a), checked(b));

/** A model version's file at a site: the ensemble's, or that of one model. */
export interface ModelAddress {
  readonly systemId: string;
  readonly version: string;
  readonly modelType: ModelType;
}

/**
 * The stable address of a model's file: `{base}/{systemId}/v{version}.onnx` for the ensemble,
 * `{base}/{systemId}/v{version}/{modelType}.onnx` for a single model. `base` is our own origin, with a path in
 * front where one is configured; it is written as parsers write it, since devices take no other spelling. Throws
 * {@link InvalidVersion}.
 */
export function modelUrl(base: string, { systemId, version, modelType }: ModelAddress): string {
  const whole = `${base.replace(/\/+$/, '')}/${systemId}/v${checked(version)}`;
  const address = modelType === 'ensemble' ? `${whole}.onnx` : `${whole}/${modelType}.onnx`;
  // A base that is a path alone, as the API shows it, stays one.
  return URL.canParse(address) ? new URL(address).href : address;
}
