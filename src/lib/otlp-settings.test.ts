import { expect, it } from 'vitest';
import { otlpSettings } from './otlp-settings.ts';

it.each<[what: string, flag: string, env: Record<string, string>, url: string | undefined]>([
  ['nothing', '', {}, undefined],
  ['the flag', 'http://h:4318', {}, 'http://h:4318/v1/traces'],
  ['a base with a path', 'http://h/otlp/', {}, 'http://h/otlp/v1/traces'],
  [
    'the flag before the variable',
    'http://h:4318',
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://other/x' },
    'http://h:4318/v1/traces',
  ],
  ['the variable', '', { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://h' }, 'https://h/v1/traces'],
  [
    'the variable of traces, as it is',
    '',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://h', OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/a' },
    'http://t/a',
  ],
  [
    'an SDK that is disabled',
    '',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://h', OTEL_SDK_DISABLED: 'true' },
    undefined,
  ],
  [
    'no exporter of traces',
    '',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://h', OTEL_TRACES_EXPORTER: 'none' },
    undefined,
  ],
])('goes where %s says', (_, flag, env, url) => {
  expect(otlpSettings(flag, env)?.url).toBe(url);
});

it('takes headers, times and attributes as OpenTelemetry does', () => {
  const settings = otlpSettings('http://h', {
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%3Db%2Cc, other = 1',
    OTEL_EXPORTER_OTLP_TIMEOUT: '5000',
    OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: 'gzip',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test,service.name=lost',
    OTEL_SERVICE_NAME: 'ci',
  });
  expect(settings).toEqual({
    url: 'http://h/v1/traces',
    headers: { 'api-key': 'a=b,c', other: '1' },
    ...{ timeoutMs: 5000, gzip: true },
    resource: { 'service.name': 'ci', 'deployment.environment.name': 'test' },
  });
});

it.each<[flag: string, env: Record<string, string>, message: RegExp]>([
  ['h:4317', {}, /must be http/],
  ['http://me:secret@h', {}, /has no password/],
  ['http://h', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, /not grpc$/],
  ['http://h', { OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' }, /not zstd$/],
  ['http://h', { OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' }, /not soon$/],
  ['http://h', { OTEL_EXPORTER_OTLP_HEADERS: 'host=a' }, /cannot set "host"/],
  ['http://h', { OTEL_EXPORTER_OTLP_HEADERS: 'a b=secret' }, /cannot set "a b"$/],
  ['http://h', { OTEL_EXPORTER_OTLP_HEADERS: 'a=%0d%0asecret' }, /is none of a header$/],
  ['http://h', { OTEL_EXPORTER_OTLP_HEADERS: 'a=%zzsecret' }, /percent-encoded$/],
])('refuses %s with %j, and tells no secret', (flag, env, message) => {
  expect(() => otlpSettings(flag, env)).toThrow(message);
  expect(() => otlpSettings(flag, env)).not.toThrow(/secret/);
});
