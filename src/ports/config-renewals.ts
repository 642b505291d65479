/** A site whose device's configuration is to be looked at again. */
export interface ConfigLook {
  readonly systemId: string;
  /** What {@link ConfigRenewals.told} recorded last; null when nothing was. */
  readonly told: string | null;
}

/** When each site's configuration was looked at, and what its device was told: once in a fleet, on whichever node. */
export interface ConfigRenewals {
  /**
   * Sites with a device that were not looked at for about `everyMs` (machine time), the longest waiting first, at
   * most `limit`. Each is given to one caller, and to nobody again for as long, whatever becomes of the look.
   */
  claim(limit: number, everyMs: number): Promise<readonly ConfigLook[]>;
  /** Remembers the content that a site's device was told. */
  told(systemId: string, content: string): Promise<void>;
  /** Has a site looked at next: something is known that it was not told. Nothing for a site that never was. */
  hasten(systemId: string): Promise<void>;
}
