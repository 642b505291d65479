/**
 * A service that the work needs is away: unreachable, starting or overloaded. No failure of the work, which waits
 * for it and uses up none of its tries. The message names the setting that says where the service is.
 */
export class Unavailable extends Error {
  override readonly name: string = 'Unavailable';
}
