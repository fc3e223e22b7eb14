import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ConfigError, type OnPremisesConfig, readOnPremisesConfig } from './config.ts';
import { readConnection } from './connection.ts';
import { temporaryDirectory } from './testing.ts';

const config: OnPremisesConfig = {
  region: 'us-east-1',
  hostIdentifier: 'arn',
  registration: 'arn AKIA',
  credentials: () => ({ accessKeyId: 'AKIA', secretAccessKey: 'secret' }),
};
const connect = (env: Record<string, string>, flags = {}) => readConnection(flags, config, env);

test.each([
  'http://10.0.0.1:4566',
  'http://ci.example:4566',
  'http://localhost.example',
  'http://127.0.0.1.example',
  'http://[fd00::1]:4566',
])('plain HTTP to another machine (%s) is refused unless it is allowed', (url) => {
  expect(() => connect({ AWS_ENDPOINT_URL: url })).toThrow(ConfigError);
  expect(() => connect({ AWS_ENDPOINT_URL: url })).toThrow('--allow-plain-http');
  const s3 = { AWS_ENDPOINT_URL: 'https://ci.example', AWS_ENDPOINT_URL_S3: url };
  expect(() => connect(s3)).toThrow(url);
  const allowed = connect({ AWS_ENDPOINT_URL: url }, { 'allow-plain-http': true });
  expect(allowed).toMatchObject({ endpoint: url, s3Endpoint: url });
});

test.each([
  'http://127.0.0.1:4566',
  'http://127.1.2.3',
  'http://localhost:4566',
  'http://[::1]:4566',
  'http://0.0.0.0:4566',
  'https://ci.example',
])('%s needs no permission', (url) => {
  expect(connect({ AWS_ENDPOINT_URL: url }).endpoint).toBe(url);
});

test('the CA is that of --ca, of AWS_CA_BUNDLE or of the registration, in this order', () => {
  const directory = temporaryDirectory();
  const pem = (name: string) => `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`;
  const file = (name: string, content = pem(name)) => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  const registered = file(
    'codedeploy.onpremises.yml',
    `region: us-east-1\niam_user_arn: arn\naws_access_key_id: AKIA\naws_secret_access_key: s\nca_bundle: ${file('c')}\n`,
  );
  const read = readOnPremisesConfig(registered);
  expect(read.registration).toBe('arn AKIA');
  const given = (flags: object, env: Record<string, string>) =>
    readConnection(flags, read, env).given;
  expect(given({ ca: file('a') }, { AWS_CA_BUNDLE: file('b') })).toBe(pem('a'));
  expect(given({}, { AWS_CA_BUNDLE: file('b') })).toBe(pem('b'));
  expect(given({}, {})).toBe(pem('c'));
  expect(readConnection({}, read, {}).tlsCa).toContain(pem('c'));
  expect(() => given({ ca: join(directory, 'none') }, {})).toThrow(ConfigError);
  expect(() => given({ ca: file('empty', 'nothing') }, {})).toThrow('no certificate');
});
