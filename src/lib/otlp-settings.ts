type Environment = Record<string, string | undefined>;

/** Where traces go, and how. */
export interface OtlpSettings {
  /** `http:` or `https:`, with the path of traces. */
  url: string;
  /** They may hold a secret. */
  headers: Record<string, string>;
  /** For one request. */
  timeoutMs: number;
  gzip: boolean;
  /** Attributes of whoever sends: `service.name` and what the operator adds. */
  resource: Record<string, string>;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** They frame the message, or say to whom it goes. */
const OWN_HEADERS =
  /^(host|content-length|content-type|content-encoding|transfer-encoding|connection)$/i;

/**
 * Reads what OpenTelemetry's specification says of exporters: a variable of traces alone wins over that of all signals.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 * @param endpoint of `--otlp-endpoint`, which wins over the variables; empty where it is not given
 * @returns undefined where traces go nowhere
 * @throws Error naming what is wrong, never with a header's value
 */
export function otlpSettings(endpoint: string, env: Environment): OtlpSettings | undefined {
  const of = (name: string) =>
    env[`OTEL_EXPORTER_OTLP_TRACES_${name}`] || env[`OTEL_EXPORTER_OTLP_${name}`] || '';
  const url = endpoint ? belowBase(endpoint) : fromEnvironment(env);
  if (url === '') return undefined;
  checkUrl(url);
  const protocol = of('PROTOCOL');
  // A collector takes JSON where it takes protobuf; gRPC is another port.
  if (protocol !== '' && !['http/json', 'http/protobuf'].includes(protocol))
    throw new Error(
      `OTEL_EXPORTER_OTLP_PROTOCOL must be http/json or http/protobuf, not ${protocol}`,
    );
  const compression = of('COMPRESSION') || 'none';
  if (!['none', 'gzip'].includes(compression))
    throw new Error(`OTEL_EXPORTER_OTLP_COMPRESSION must be none or gzip, not ${compression}`);
  return {
    url,
    headers: headersOf(of('HEADERS')),
    timeoutMs: milliseconds(of('TIMEOUT')),
    gzip: compression === 'gzip',
    resource: resourceOf(env),
  };
}

function fromEnvironment(env: Environment): string {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return '';
  const exporters = (env.OTEL_TRACES_EXPORTER || 'otlp').split(',').map((name) => name.trim());
  if (!exporters.includes('otlp')) return '';
  const traces = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (traces) return traces;
  const base = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  return base ? belowBase(base) : '';
}

const belowBase = (base: string) => `${base.replace(/\/$/, '')}/v1/traces`;

function checkUrl(url: string): void {
  const { protocol = '', username = '' } = URL.canParse(url) ? new URL(url) : {};
  if (!/^https?:$/.test(protocol))
    throw new Error('an endpoint of OTLP must be http://… or https://…');
  if (username !== '')
    throw new Error(
      'an endpoint of OTLP has no password: OTEL_EXPORTER_OTLP_HEADERS takes headers',
    );
}

/** `name=value,name=value`, the values percent-encoded. */
function pairs(variable: string, text: string): [name: string, value: string][] {
  return text
    .split(',')
    .filter((pair) => pair.trim() !== '')
    .map((pair) => {
      const [, name, value = ''] = /^([^=]+)=(.*)$/.exec(pair.trim()) ?? [];
      try {
        if (name !== undefined) return [name.trim(), decodeURIComponent(value.trim())];
      } catch {
        // Not said again: it may be a secret.
      }
      throw new Error(`${variable} takes name=value,…, each value percent-encoded`);
    });
}

function headersOf(text: string): Record<string, string> {
  const headers = pairs('OTEL_EXPORTER_OTLP_HEADERS', text);
  const wrong = headers.find(([name]) => !TOKEN.test(name) || OWN_HEADERS.test(name));
  if (wrong) throw new Error(`OTEL_EXPORTER_OTLP_HEADERS cannot set ${JSON.stringify(wrong[0])}`);
  if (headers.some(([, value]) => /[^\t\x20-\x7e\x80-\xff]/.test(value)))
    throw new Error('a value of OTEL_EXPORTER_OTLP_HEADERS is none of a header');
  return Object.fromEntries(headers);
}

function milliseconds(text: string): number {
  if (text === '') return DEFAULT_TIMEOUT_MS;
  if (!/^[1-9]\d{0,6}$/.test(text))
    throw new Error(`OTEL_EXPORTER_OTLP_TIMEOUT must be milliseconds, not ${text}`);
  return Number(text);
}

function resourceOf(env: Environment): Record<string, string> {
  const given = pairs('OTEL_RESOURCE_ATTRIBUTES', env.OTEL_RESOURCE_ATTRIBUTES ?? '');
  const name = env.OTEL_SERVICE_NAME;
  return {
    'service.name': 'slipway',
    ...Object.fromEntries(given),
    ...(name && { 'service.name': name }),
  };
}
