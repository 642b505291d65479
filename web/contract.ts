/** What the pages read from the HTTP API. Shares and MAPE-like figures are percent, loads are kW. */

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

export interface JobSummary {
  readonly jobId: string;
  readonly systemId: string;
  readonly status: string;
  readonly modelType: string;
  readonly trigger: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly version?: string | null;
  readonly reason?: string | null;
}

/** A fact of a stream as `…/events` lists it. */
export interface EventRow {
  readonly version: number;
  readonly type: string;
  readonly data: unknown;
  readonly at: string;
  readonly actor: string;
}

/** A fact as `GET /stream` sends it. */
export interface StreamedFact extends EventRow {
  readonly seq: number;
  readonly streamId: string;
}

export interface ForecastHour {
  readonly hour: string;
  readonly loadKw: number;
  readonly lowerKw: number;
  readonly upperKw: number;
  /** 0 to 1; missing where the local day is not whole. */
  readonly peakProbability: number | null;
  /** Chance that the demand passes its contract, 0 to 1; absent where none is in force. */
  readonly exceedanceProbability?: number;
  readonly exceedanceBasis?: 'max15' | 'hourly-mean';
}

export interface Forecast {
  readonly systemId: string;
  readonly issuedAt: string;
  /** Null when the device had no usable model and fell back to last week's values. */
  readonly version: string | null;
  readonly hours: readonly ForecastHour[];
}
