/** One file of the console as the server sends it. */
export interface ConsoleFile {
  readonly contentType: string;
  readonly body: Uint8Array;
  /** The same content under `content-encoding: gzip`. */
  readonly gzipped: Uint8Array;
  /** Strong entity tag, quotes included. */
  readonly etag: string;
  readonly cacheControl: string;
}

/**
 * The console, ready to be served. `index` answers every page address (`/ui` and all below it but
 * `/ui/assets/`): the pages choose what to show by the address themselves. `files` are by their whole path,
 * for example `/ui/assets/app-1A2B3C4D.js`.
 */
export interface ConsoleAssets {
  readonly index: ConsoleFile;
  readonly files: ReadonlyMap<string, ConsoleFile>;
  /** To be sent with `index`: nothing but our own origin, no inline script or style. */
  readonly contentSecurityPolicy: string;
}
