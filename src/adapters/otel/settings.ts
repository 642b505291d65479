/** Apart from what uses them: reading them must not load the SDK where nothing is traced. */

/** As `OTEL_TRACES_SAMPLER` names them. */
export const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;
export type SamplerName = (typeof SAMPLERS)[number];

/** The two forms of OTLP that go over HTTP. */
export const PROTOCOLS = ['http/protobuf', 'http/json'] as const;

/** Where traces go, and which. */
export interface OtelSettings {
  /** Of the receiver of traces, complete. */
  readonly url: string;
  readonly protocol: (typeof PROTOCOLS)[number];
  /** Sent with every request; values may be secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** What names this program in every trace. */
  readonly resource: Readonly<Record<string, string>>;
  readonly sampler: SamplerName;
  /** Share of traces that samplers by ratio keep, 0 to 1. */
  readonly ratio: number;
  /** Between two batches, ms. */
  readonly delayMs: number;
  /** Spans that may wait for their batch; more are dropped. */
  readonly mostWaiting: number;
}
