import type { Outlook } from '../forecasting/series.ts';

/** Where temperature forecasts and energy prices come from, as they were issued. */
export interface OutlookSource {
  /**
   * All that was issued before `to` about hours from `from` on, each list ascending by `issuedAt`; empty lists
   * where nothing was. What was issued never changes: a correction is issued anew.
   */
  read(systemId: string, from: Date, to: Date): Promise<Outlook>;
}
