import { expect, test } from 'vitest';
import { readConfig, UsageError } from './config.ts';

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

test('no host names', () => {
  expect(readConfig([], {}).allowedHosts).toEqual([]);
});

test.each(['a.test:4566', 'http://a.test', '*.test'])('the host name %s is none', (name) => {
  expect(() => readConfig(['--allowed-host', name], {})).toThrow(UsageError);
});
