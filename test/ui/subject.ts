/** A running server with a console and one training job whose progress the test drives. */
export interface ConsoleUnderTest {
  readonly url: string;
  readonly token: string;
  readonly systemId: string;
  readonly jobId: string;
  readonly deploymentId: string;
  /** Text from outside that a careless page would run; it is part of the job's first fact. */
  readonly hostileText: string;
  /** Takes the job one step further; resolves with the state it is then in. */
  advance(): Promise<string>;
  /** From now on every request's token counts as expired. */
  expireTokens(): void;
  stop(): Promise<void>;
  /** Starts again on the same address with the same log. */
  startAgain(): Promise<void>;
}
