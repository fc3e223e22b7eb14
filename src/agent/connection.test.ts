import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { expect, test } from 'vitest';
import { certificateAuthority } from '../lib/certificates.ts';
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

test('what cannot be read is named once, in the words of the system', () => {
  const file = join(temporaryDirectory(), 'none');
  const words = `${file} cannot be read: No such file or directory`;
  expect(() => readOnPremisesConfig(file)).toThrow(new ConfigError(words));
  expect(() => connect({}, { ca: file })).toThrow(new ConfigError(`The CA certificates ${words}`));
});

test('the CA is that of --ca, of AWS_CA_BUNDLE or of the registration, in this order', () => {
  const directory = temporaryDirectory();
  const file = (name: string, content: string) => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  const [a, b, c] = [1, 2, 3].map(() => certificateAuthority(temporaryDirectory()).pem);
  const files = { a: file('a', a ?? ''), b: file('b', b ?? ''), c: file('c', c ?? '') };
  const registered = file(
    'codedeploy.onpremises.yml',
    `region: us-east-1\niam_user_arn: arn\naws_access_key_id: AKIA\naws_secret_access_key: s\nca_bundle: ${files.c}\n`,
  );
  const read = readOnPremisesConfig(registered);
  expect(read.registration).toBe('arn AKIA');
  const trust = (flags: object, env: Record<string, string>, by = read) =>
    readConnection(flags, by, env);
  expect(trust({ ca: files.a }, { AWS_CA_BUNDLE: files.b }).given).toBe(a);
  expect(trust({}, { AWS_CA_BUNDLE: files.b }).given).toBe(b);
  expect(trust({}, {}).given).toBe(c);
  expect(trust({}, {}).tlsCa).toContain(c);
  // A machine's bundle of public CAs says nothing of the server.
  const machine = { AWS_CA_BUNDLE: file('machine', rootCertificates.slice(0, 3).join('\n')) };
  expect(trust({}, machine).given).toBe(c);
  expect(trust({}, machine, config).given).toBeUndefined();
  expect(trust({}, machine, config).tlsCa).toContain(rootCertificates[0]);
  expect(() => trust({ ca: join(directory, 'none') }, {})).toThrow(ConfigError);
  expect(() => trust({ ca: file('empty', 'nothing') }, {})).toThrow('no certificate');
});
