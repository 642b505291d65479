import { type OtelSettings, PROTOCOLS, SAMPLERS } from '../../adapters/otel/settings.ts';
import { address, BadSetting, type Environment, oneOf, text, wholeNumber } from './read.ts';

/** Settings by the names that OpenTelemetry gives them for all programs (https://opentelemetry.io/docs/specs/otel/). */

const SERVICE = 'lifo4-ml';
const EXPORTERS = ['otlp', 'none'] as const;
const HTTP = ['http:', 'https:'];

/** The name of the setting for traces alone where it is set, else of that for all signals. */
function settingOf(env: Environment, name: string): string {
  const own = `OTEL_EXPORTER_OTLP_TRACES_${name}`;
  return text(env, own) === undefined ? `OTEL_EXPORTER_OTLP_${name}` : own;
}

function pairs(env: Environment, name: string): Readonly<Record<string, string>> {
  const written = (text(env, name) ?? '').split(',').filter((pair) => pair.trim() !== '');
  return Object.fromEntries(
    written.map((pair) => {
      const at = pair.indexOf('=');
      try {
        if (at < 1) throw new Error('no name');
        return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())];
      } catch {
        throw new BadSetting(
          name,
          'write name=value pairs with commas between, percent-encoded where needed',
        );
      }
    }),
  );
}

/** The address for traces alone is taken as it is; that for all signals ends before their paths. */
function urlOf(env: Environment): string | null {
  const own = address(env, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', HTTP);
  if (own !== null) return own;
  const common = address(env, 'OTEL_EXPORTER_OTLP_ENDPOINT', HTTP);
  return common === null ? null : `${common.replace(/\/+$/, '')}/v1/traces`;
}

function ratioOf(env: Environment): number {
  const name = 'OTEL_TRACES_SAMPLER_ARG';
  const ratio = Number(text(env, name) ?? '1');
  if (!(ratio >= 0 && ratio <= 1)) throw new BadSetting(name, 'write a share from 0 to 1, such as 0.1');
  return ratio;
}

const isOff = (env: Environment): boolean =>
  text(env, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true' ||
  oneOf(env, 'OTEL_TRACES_EXPORTER', 'otlp', EXPORTERS) === 'none';

/** Null while no receiver is named, or tracing is switched off. Throws {@link BadSetting}. */
export function readOtel(env: Environment): OtelSettings | null {
  const url = isOff(env) ? null : urlOf(env);
  if (url === null) return null;
  const named = pairs(env, 'OTEL_RESOURCE_ATTRIBUTES');
  const service = text(env, 'OTEL_SERVICE_NAME') ?? named['service.name'] ?? SERVICE;
  return {
    url,
    protocol: oneOf(env, settingOf(env, 'PROTOCOL'), 'http/protobuf', PROTOCOLS),
    headers: {
      ...pairs(env, 'OTEL_EXPORTER_OTLP_HEADERS'),
      ...pairs(env, 'OTEL_EXPORTER_OTLP_TRACES_HEADERS'),
    },
    resource: { ...named, 'service.name': service },
    sampler: oneOf(env, 'OTEL_TRACES_SAMPLER', 'parentbased_always_on', SAMPLERS),
    ratio: ratioOf(env),
    delayMs: wholeNumber(env, 'OTEL_BSP_SCHEDULE_DELAY', 5_000, { min: 10, max: 600_000 }),
    mostWaiting: wholeNumber(env, 'OTEL_BSP_MAX_QUEUE_SIZE', 2_048, { min: 1, max: 1_000_000 }),
  };
}
