import { describe, expect, test } from 'vitest';
import { parseBuildspec } from './buildspec.ts';
import { settable } from './driver.ts';
import {
  environmentOf,
  secretReference,
  settableSources,
  unexportedLines,
  type VariableSource,
} from './environment.ts';

const plain = (value: string): VariableSource => ({ kind: 'plaintext', value });

test('only CODEBUILD_* is reserved; what cannot be set is said', () => {
  const all = [
    'AWS_REGION',
    'AWS_DEFAULT_REGION',
    'CODEBUILD_X',
    'my.var',
    'my-var',
    'IFS',
    'Ok_1',
  ];
  const { sources, skipped } = settableSources(
    new Map(all.map((name) => [name, plain(name)])),
    settable,
  );
  expect([...sources.keys()]).toEqual(['AWS_REGION', 'AWS_DEFAULT_REGION', 'Ok_1']);
  expect(skipped).toEqual([
    'Skipping environment variable CODEBUILD_X: CODEBUILD_ is reserved',
    'Skipping invalid environment variable name my.var',
    'Skipping invalid environment variable name my-var',
    'Skipping invalid environment variable name IFS',
  ]);
});

describe('the environment', () => {
  const role = {
    AWS_ACCESS_KEY_ID: 'ASIAROLE',
    AWS_SECRET_ACCESS_KEY: 'role-secret',
    AWS_SESSION_TOKEN: 'role-token',
  };
  const parts = { region: 'eu-west-1', machine: {}, role, authored: {}, own: {} };

  test("has the role's session and the region where nothing else was said", () => {
    expect(environmentOf(parts)).toEqual({
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      ...role,
    });
  });

  test("has the authors' regions, and what the machine needs below what they said", () => {
    const authored = { AWS_DEFAULT_REGION: 'us-west-2', HTTPS_PROXY: 'http://theirs' };
    expect(
      environmentOf({
        ...parts,
        machine: { HTTPS_PROXY: 'http://ours', NO_PROXY: 'localhost' },
        authored,
      }),
    ).toMatchObject({ AWS_REGION: 'eu-west-1', ...authored, NO_PROXY: 'localhost' });
  });

  test("has access keys of the authors' own alone", () => {
    const own = { AWS_ACCESS_KEY_ID: 'AKIAOWN', AWS_SECRET_ACCESS_KEY: 'own' };
    const environment = environmentOf({ ...parts, authored: own });
    expect(environment).toMatchObject(own);
    expect(environment).not.toHaveProperty('AWS_SESSION_TOKEN');
  });
});

test('CB-A10: exported variables that are not exported are said', () => {
  const spec = parseBuildspec(
    'version: 0.2\nenv: {exported-variables: [A, AWS_REGION, TOKEN, my-var]}\nphases: {}\n',
  );
  const sources = new Map<string, VariableSource>([['TOKEN', { kind: 'secret', secretId: 's' }]]);
  expect(unexportedLines(spec, sources, settable)).toEqual([
    'Skipping exported variable AWS_REGION: its value may not be shown',
    'Skipping exported variable TOKEN: its value may not be shown',
    'Skipping exported variable my-var: no shell has a variable of that name',
  ]);
});

test('CB-A9: a reference to a secret that says more than there is fails', () => {
  expect(() => secretReference('id:key:AWSCURRENT:version:more')).toThrow(
    'Invalid secret reference',
  );
});
