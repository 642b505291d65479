/** What is told of an alert outside: by webhook, and retained at the broker. Percent and kW, as everywhere outside. */
export interface AlertNotice {
  /** The same however often it is sent. */
  readonly id: string;
  readonly event: string;
  readonly alert: unknown;
}

/** Tells programs outside of alerts. */
export interface AlertNotifier {
  /** Resolves when it was taken; throws when it was not, and may be repeated. */
  send(notice: AlertNotice): Promise<void>;
}
