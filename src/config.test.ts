import { expect, test } from 'vitest';
import { readConfig } from './config.ts';
import { UsageError } from './lib/start-error.ts';

test("builds and git have the machine's PATH, not what npm put before it", () => {
  const PATH = '/srv/slipway/node_modules/.bin:/usr/local/bin:/bin';
  expect(readConfig([], { PATH }).searchPath).toBe('/usr/local/bin:/bin');
});

test('--build-env hands on what it names, by flag or by variable', () => {
  const env = { HTTPS_PROXY: 'http://proxy', OTHER: 'x', PATH: '/bin' };
  expect(readConfig([], env).buildEnvironment).toEqual({});
  expect(readConfig(['--build-env', 'network'], env).buildEnvironment).toEqual({
    HTTPS_PROXY: 'http://proxy',
  });
  expect(readConfig([], { ...env, SLIPWAY_BUILD_ENV: 'OTHER' }).buildEnvironment).toEqual({
    OTHER: 'x',
  });
  expect(() => readConfig(['--build-env', 'NONE'], env)).toThrow(UsageError);
});

test.each([
  ['flags', ['--allowed-host', 'a.test', '--allowed-host', 'b.test,c.test'], {}],
  ['the environment', [], { SLIPWAY_ALLOWED_HOST: 'a.test, b.test,c.test' }],
  [
    'flags before the environment',
    ['--allowed-host=a.test,b.test,c.test'],
    { SLIPWAY_ALLOWED_HOST: 'x' },
  ],
])('host names by %s', (_how, argv, env) => {
  expect(readConfig(argv, env).allowedHosts).toEqual(['a.test', 'b.test', 'c.test']);
});

const CHANNEL = 'arn:aws:chatbot::111111111111:chat-configuration/slack-channel/builds';

test('webhooks of chats', () => {
  const teams = CHANNEL.replace('slack', 'microsoft-teams');
  const text = `${CHANNEL}=https://hooks.example/a?b=c, ${teams}=http://127.0.0.1:1/x`;
  expect(readConfig([], { SLIPWAY_CHAT_WEBHOOKS: text }).chatWebhooks).toEqual({
    [CHANNEL]: 'https://hooks.example/a?b=c',
    [teams]: 'http://127.0.0.1:1/x',
  });
  expect(readConfig([], {}).chatWebhooks).toEqual({});
});

test.each([
  'https://hooks.example/secret',
  `${CHANNEL}=secret`,
  `${CHANNEL}=ftp://hooks.example/secret`,
  `${CHANNEL.replace('chatbot', 'sns')}=https://hooks.example/secret`,
])('%s is no webhook of a chat, and is not said again', (text) => {
  const read = () => readConfig(['--chat-webhooks', text], {});
  expect(read).toThrow(UsageError);
  expect(read).not.toThrow(/secret/);
});

test('no host names', () => {
  expect(readConfig([], {}).allowedHosts).toEqual([]);
});

test.each(['a.test:4566', 'http://a.test', '*.test'])('the host name %s is none', (name) => {
  expect(() => readConfig(['--allowed-host', name], {})).toThrow(UsageError);
});

test('targets of webhooks besides the internet are addresses or blocks of them', () => {
  const targets = (text: string) =>
    readConfig(['--allow-internal-targets', text], {}).allowedTargets;
  expect(targets('10.0.0.0/8, 192.168.1.7,fd00::/8')).toEqual([
    '10.0.0.0/8',
    '192.168.1.7',
    'fd00::/8',
  ]);
  expect(readConfig([], {}).allowedTargets).toEqual([]);
  expect(() => targets('intranet.example')).toThrow(UsageError);
});

test('services that are elsewhere, by their signing names', () => {
  const env = {
    SLIPWAY_UPSTREAM_LAMBDA: 'https://lambda.us-east-1.amazonaws.com',
    SLIPWAY_UPSTREAM_CODESTAR_CONNECTIONS: 'http://127.0.0.1:1',
    SLIPWAY_UPSTREAM_STATES: '',
  };
  expect(readConfig([], env).upstream).toEqual({
    lambda: 'https://lambda.us-east-1.amazonaws.com',
    'codestar-connections': 'http://127.0.0.1:1',
  });
  expect(() => readConfig([], { SLIPWAY_UPSTREAM_LAMBDA: 'lambda:secret' })).toThrow(
    /^SLIPWAY_UPSTREAM_LAMBDA must be a URL/,
  );
});

test('--images says what stands in for which image', () => {
  const images = (text: string) => readConfig(['--images', text], {}).images;
  expect(images('aws/codebuild/standard:7.0=r:5000/b:1, aws/codebuild/*=b@sha256:0')).toEqual({
    'aws/codebuild/standard:7.0': 'r:5000/b:1',
    'aws/codebuild/*': 'b@sha256:0',
  });
  for (const wrong of ['a', 'a=', '=b', 'a*b=c', 'a=b=c', 'a b=c'])
    expect(() => images(wrong)).toThrow('--images takes');
  expect(() => readConfig(['--image-pull', 'sometimes'], {})).toThrow('--image-pull');
});
