/** A setting that cannot be used: its name, and what to write instead. */
export class BadSetting extends Error {
  override readonly name = 'BadSetting';
  readonly setting: string;

  constructor(setting: string, problem: string) {
    super(`${setting}: ${problem}`);
    this.setting = setting;
  }
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The text of a setting; one that is set to nothing counts as left out. */
export function text(env: Environment, name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}

interface Range {
  readonly min: number;
  readonly max: number;
}

export function wholeNumber(env: Environment, name: string, fallback: number, { min, max }: Range): number {
  const written = text(env, name);
  if (written === undefined) return fallback;
  const value = Number(written);
  if (!/^\d+$/.test(written) || value < min || value > max)
    throw new BadSetting(name, `write a whole number from ${min} to ${max}, not ${JSON.stringify(written)}`);
  return value;
}

export function address(env: Environment, name: string, protocols: readonly string[]): string | null {
  const written = text(env, name);
  if (written === undefined) return null;
  const url = URL.canParse(written) ? new URL(written) : null;
  if (url === null || !protocols.includes(url.protocol)) {
    throw new BadSetting(
      name,
      `write an address that starts with ${protocols.map((p) => `${p}//`).join(' or ')}`,
    );
  }
  return written;
}

export function oneOf<T extends string>(
  env: Environment,
  name: string,
  fallback: T,
  allowed: readonly T[],
): T {
  const written = text(env, name) ?? fallback;
  const found = allowed.find((each) => each === written);
  if (found === undefined) throw new BadSetting(name, `write one of ${allowed.join(', ')}`);
  return found;
}

export function named(env: Environment, name: string, fallback: string): string {
  const written = text(env, name) ?? fallback;
  if (!/^[A-Za-z0-9_-]{1,40}$/.test(written))
    throw new BadSetting(name, 'write up to 40 letters, digits, hyphens or underscores');
  return written;
}

/** A setting that a service needs once it is switched on by another one. */
export function needed(env: Environment, name: string, because: string): string {
  const written = text(env, name);
  if (written === undefined) throw new BadSetting(name, `set it too, since ${because} is set`);
  return written;
}

/** A secret that goes into requests: a line's end, as files of secrets have, would break them. */
export function secret(env: Environment, name: string, because: string): string {
  const written = needed(env, name, because);
  if (!/^[\x21-\x7e]+$/.test(written))
    throw new BadSetting(name, 'write it without spaces, line ends and letters beyond ASCII');
  return written;
}

/** Settings that mean nothing without the one that switches their service on. */
export function noneWithout(env: Environment, name: string, others: readonly string[]): null {
  const stray = others.find((other) => text(env, other) !== undefined);
  if (stray !== undefined) throw new BadSetting(name, `set it too, or leave out ${stray}`);
  return null;
}
