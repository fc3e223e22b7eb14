import { describe, expect, test } from 'vitest';
import { isValidMinimum, isValidRouting, PREDEFINED } from './deployment-config.ts';
import { isNoop, readDiagnostics } from './diagnostics.ts';
import {
  recordAfterHost,
  recordAfterSuccess,
  revisionHealth,
  type StoredHost,
} from './healthy-hosts.ts';
import { revisionKey } from './revision.ts';
import { isChosen } from './tag-filters.ts';

test('CD-CFG-04: there are 17 configurations from the start, with names of their own', () => {
  expect(new Set(PREDEFINED.map((config) => config.deploymentConfigName)).size).toBe(17);
});

test.each([
  [{ type: 'HOST_COUNT', value: 0 }, true],
  [{ type: 'HOST_COUNT', value: -1 }, false],
  [{ type: 'HOST_COUNT', value: 1.5 }, false],
  [{ type: 'FLEET_PERCENT', value: 99 }, true],
  [{ type: 'FLEET_PERCENT', value: 100 }, false],
  [{ type: 'MOST_CONCURRENCY', value: 1 }, false],
  [undefined, false],
])('CD-CFG-05: %o is a minimum: %s', (minimum, valid) => {
  expect(isValidMinimum(minimum as never)).toBe(valid);
});

test.each([
  [{ type: 'AllAtOnce' }, true],
  [
    { type: 'TimeBasedCanary', timeBasedCanary: { canaryPercentage: 10, canaryInterval: 2880 } },
    true,
  ],
  [
    { type: 'TimeBasedCanary', timeBasedCanary: { canaryPercentage: 10, canaryInterval: 2881 } },
    false,
  ],
  [
    { type: 'TimeBasedCanary', timeBasedCanary: { canaryPercentage: 100, canaryInterval: 5 } },
    false,
  ],
  [
    { type: 'TimeBasedLinear', timeBasedLinear: { linearPercentage: 10, linearInterval: 320 } },
    true,
  ],
  [
    { type: 'TimeBasedLinear', timeBasedLinear: { linearPercentage: 10, linearInterval: 321 } },
    false,
  ],
  [{ type: 'TimeBasedLinear' }, false],
  [undefined, false],
])('CD-CFG-06: %o routes traffic: %s', (routing, valid) => {
  expect(isValidRouting(routing as never)).toBe(valid);
});

describe('tags', () => {
  const tags = [
    { key: 'app', value: 'web' },
    { key: 'tier', value: 'blue' },
  ];
  test.each([
    [[{ Key: 'app', Value: 'web', Type: 'KEY_AND_VALUE' }], true],
    [[{ Key: 'app', Value: 'Web', Type: 'KEY_AND_VALUE' }], false],
    [[{ Key: 'tier', Type: 'KEY_ONLY' }], true],
    [[{ Value: 'blue', Type: 'VALUE_ONLY' }], true],
    [
      [
        { Key: 'none', Type: 'KEY_ONLY' },
        { Key: 'app', Type: 'KEY_ONLY' },
      ],
      true,
    ],
    [[], false],
  ])('CD-DGF-01: the filters %j choose it: %s', (filters, chosen) => {
    expect(isChosen(tags, { filters: filters as never })).toBe(chosen);
  });

  const app = { Key: 'app', Type: 'KEY_ONLY' } as const;
  const none = { Key: 'none', Type: 'KEY_ONLY' } as const;
  test.each([
    [[[app], [{ Key: 'tier', Type: 'KEY_ONLY' }]], true],
    [[[app], [none]], false],
    [[[none, app]], true],
  ])('CD-DGF-01: the tag sets %j choose it: %s', (sets, chosen) => {
    expect(isChosen(tags, { sets: sets as never })).toBe(chosen);
  });
});

test.each([
  [0, 'Success'],
  [1, 'ScriptMissing'],
  [2, 'ScriptNotExecutable'],
  [3, 'ScriptTimedOut'],
  [4, 'ScriptFailed'],
  [5, 'UnknownError'],
  [6, 'UnknownError'],
  [7, 'UnknownError'],
  ['Unknown', 'UnknownError'],
])('CD-AGT-04: the agent’s error %s is %s', (error_code, errorCode) => {
  const payload = JSON.stringify({ error_code, script_name: 's', message: 'm', log: 'l' });
  const status = error_code === 0 ? 'Succeeded' : 'Failed';
  expect(readDiagnostics(payload, status)).toEqual({
    errorCode,
    scriptName: 's',
    message: 'm',
    logTail: 'l',
  });
});

test('CD-AGT-02: what succeeded says so, whatever the version of the agent', () => {
  for (const message of ['Succeeded', 'Succeeded: '])
    expect(readDiagnostics(JSON.stringify({ message }), 'Succeeded').message).toBe('Succeeded');
  const said = JSON.stringify({ message: 'Succeeded: CompletedNoopCommand' });
  expect(readDiagnostics(said, 'Succeeded').message).toBe('Succeeded: CompletedNoopCommand');
});

test('CD-AGT-02: diagnostics that nobody can read are no reason to fail', () => {
  expect(readDiagnostics('garbage', 'Failed')).toMatchObject({
    errorCode: 'UnknownError',
    message: 'garbage',
  });
  expect(readDiagnostics(undefined, 'Succeeded')).toMatchObject({ errorCode: 'Success' });
  expect([isNoop('{"IsCommandNoop":true}'), isNoop('{}'), isNoop('['), isNoop(undefined)]).toEqual([
    ...[true, false, false, false],
  ]);
});

test('CD-MHH-02, 10: what is known of hosts after a deployment', () => {
  const host: StoredHost = { name: 'h', health: 'Healthy', revision: 'old' };
  expect(recordAfterHost(host, true, 'new')).toEqual({ ...host, revision: 'new' });
  expect(recordAfterHost(host, false, 'new')).toEqual({ ...host, health: 'Unhealthy' });
  expect(recordAfterSuccess(host, false, 'old').revision).toBeNull();
  expect(recordAfterSuccess(host, true, 'old').revision).toBe('old');
  expect(recordAfterSuccess(host, false, 'other').revision).toBe('old');
  expect(['old', 'other', null].map((installed) => revisionHealth(installed, 'old'))).toEqual([
    'Current',
    'Old',
    'Unknown',
  ]);
});

test('CD-REV-03: quotes around an ETag mean nothing, another version is another revision', () => {
  const key = (more: object) =>
    revisionKey({
      revisionType: 'S3',
      s3Location: { bucket: 'b', key: 'k', bundleType: 'zip', ...more },
    });
  expect(key({ eTag: '"x"' })).toBe(key({ eTag: 'x' }));
  expect(new Set([key({}), key({ eTag: 'x' }), key({ version: 'x' })]).size).toBe(3);
});
