import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';

/** A receiver of traces by OTLP in JSON, as a collector is one. */

/** A span as it was received, with its attributes as plain values. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly failed: boolean;
  readonly message: string;
  readonly links: readonly string[];
  readonly attributes: Readonly<Record<string, unknown>>;
  /** What names the program that sent it. */
  readonly resource: Readonly<Record<string, unknown>>;
}

interface Value {
  readonly stringValue?: string;
  readonly intValue?: number | string;
  readonly doubleValue?: number;
  readonly boolValue?: boolean;
  readonly arrayValue?: { readonly values?: readonly Value[] };
}
interface Attribute {
  readonly key: string;
  readonly value: Value;
}
interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes?: readonly Attribute[];
  readonly links?: readonly { readonly traceId: string }[];
  readonly status?: { readonly code?: number; readonly message?: string };
}
interface Sent {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes?: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[];
  }[];
}

const NANOS_PER_MS = 1_000_000n;
const ERROR = 2;

function plain({ stringValue, intValue, doubleValue, boolValue, arrayValue }: Value): unknown {
  if (intValue !== undefined) return Number(intValue);
  return stringValue ?? doubleValue ?? boolValue ?? arrayValue?.values?.map(plain) ?? null;
}

const plainAll = (attributes: readonly Attribute[] = []) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, plain(value)]));

const millis = (nanos: string): number => Number(BigInt(nanos) / NANOS_PER_MS);

const received = (span: SentSpan, resource: ReceivedSpan['resource']): ReceivedSpan => ({
  ...{ traceId: span.traceId, spanId: span.spanId, parentSpanId: span.parentSpanId ?? '' },
  ...{ name: span.name, kind: span.kind, resource, attributes: plainAll(span.attributes) },
  ...{ startMs: millis(span.startTimeUnixNano), endMs: millis(span.endTimeUnixNano) },
  ...{ failed: span.status?.code === ERROR, message: span.status?.message ?? '' },
  links: (span.links ?? []).map(({ traceId }) => traceId),
});

const spansOf = ({ resourceSpans }: Sent): readonly ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) => spans.map((span) => received(span, plainAll(resource.attributes)))),
  );

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export interface OtlpReceiver {
  /** As `OTEL_EXPORTER_OTLP_ENDPOINT` takes it. */
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Path and media type of every request, with its `x-key` header. */
  readonly requests: readonly { readonly path: string; readonly type: string; readonly key: string }[];
  /** Status of the answers from now on, null to answer nothing. */
  answer(status: number | null): void;
  close(): Promise<void>;
}

export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const requests: OtlpReceiver['requests'][number][] = [];
  let status: number | null = 200;
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const { 'content-type': type = '', 'x-key': key = '' } = request.headers;
    requests.push({ path: request.url ?? '', type, key: String(key) });
    if (status === null) return;
    if (status === 200 && type === 'application/json') spans.push(...spansOf(JSON.parse(body.toString())));
    response.writeHead(status, { 'content-type': type }).end(type === 'application/json' ? '{}' : '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    ...{ url: `http://127.0.0.1:${address.port}`, spans, requests },
    answer: (next) => {
      status = next;
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
