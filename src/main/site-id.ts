import { SYSTEM_ID_PATTERN } from '../events/values.ts';
import { BadSetting } from './settings/read.ts';

const PATTERN = new RegExp(SYSTEM_ID_PATTERN);

/** @throws {BadSetting} naming the option when the text is no id of a site */
export function requireSiteId(option: string, text: string): string {
  if (PATTERN.test(text)) return text;
  throw new BadSetting(
    option,
    'write up to 63 lower-case letters, digits and hyphens, starting with a letter or digit',
  );
}
