/** How a client trusts a broker and shows itself to it, as PEM texts; what is left out is as the machine has it. */
export interface BrokerTls {
  /** The authority that signed the broker's certificate. */
  readonly ca?: string | undefined;
  /** The client's own certificate and key, for a broker that wants one (mutual TLS). */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Only what is given: client libraries take an undefined value for one. */
export function givenTls({ ca, cert, key }: BrokerTls): Readonly<Record<string, string>> {
  const entries = Object.entries({ ca, cert, key });
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
