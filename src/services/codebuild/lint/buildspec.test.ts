import { expect, test } from 'vitest';
import { readLocated } from '../../../lib/located.ts';
import { lintBuildspec } from './buildspec.ts';

const lint = (text: string, { name = 'ci.yml', asked = false } = {}) =>
  lintBuildspec(
    { name, text, document: () => readLocated(text, name) },
    { asked, region: undefined },
  );

/** `line:column severity code message [pointer]` */
const said = (text: string) =>
  (lint(text, { asked: true })?.findings ?? []).map(
    ({ at, severity, code, message, pointer }) =>
      `${at.line}:${at.column} ${severity} ${code} ${message} [${pointer}]`,
  );

const SPEC = 'version: 0.2\nphases: {build: {commands: [ls]}}\n';

test.each([
  ['its content', SPEC, 'ci.yml', true],
  ['its name', 'phases: {}\n', 'app/Buildspec-test.yaml', true],
  ['its name, whatever it holds', 'version: [\n', 'buildspec.yml', true],
  ['a batch alone', 'version: "0.2"\nbatch: {build-list: []}\n', 'ci.yml', true],
  ['an AppSpec', 'version: 0.0\nos: linux\n', 'appspec.yml', false],
  ['a pipeline', '{"stages": []}', 'buildspec-pipeline.json', false],
  ['a template', 'Resources: {}\n', 'buildspec-project.yml', false],
  ['no YAML', 'a: [\n', 'ci.yml', undefined],
])('known by %s', (_what, text, name, known) => {
  if (known === undefined) expect(lint(text, { name })).toBeUndefined();
  else expect(lint(text, { name }) !== undefined).toBe(known);
});

test('in order, there is nothing to say', () => {
  expect(lint(SPEC)).toEqual({ definitions: 1, findings: [], answer: undefined });
  expect(said('{"version": 0.2, "phases": {"build": {"commands": ["ls"]}}}')).toEqual([]);
});

test('every reason, with its place; the answer is the one that the build would give', () => {
  const text = 'version: 0.2\nenv:\n  shell: fish\nphases:\n  build:\n    command: [ls]\n';
  expect(said(text)).toEqual([
    '3:3 error YAML_FILE_ERROR env.shell fish is not supported; it must be sh or bash, at line 3 [/env/shell]',
    '6:5 error YAML_FILE_ERROR Unknown key "command" in phases.build at line 6 [/phases/build/command]',
  ]);
  expect(lint(text)?.answer?.message).toContain('env.shell');
  expect(said('version: 0.2\n  a: 1\n')).toEqual([
    expect.stringMatching(/^1:10 error YAML_FILE_ERROR mapping values are not allowed/),
  ]);
  expect(said(`version: 0.2\n#${'x'.repeat(1024 * 1024)}\n`)).toEqual([
    expect.stringMatching(/^1:1 error YAML_FILE_ERROR It is larger/),
  ]);
});

test('a batch is read as StartBuildBatch reads it', () => {
  expect(said(`${SPEC}batch: {fast-fail: true}\n`)).toEqual([
    expect.stringMatching(/^3:1 error YAML_FILE_ERROR batch must have one of .* \[\/batch\]$/),
  ]);
  expect(
    said(`${SPEC}batch:\n  build-list:\n    - identifier: a b\n    - identifier: c\n`),
  ).toEqual([
    expect.stringMatching(
      /^5:7 error YAML_FILE_ERROR .*is a b.*\[\/batch\/build-list\/0\/identifier\]$/,
    ),
  ]);
});

test('a batch larger than those of AWS is a warning', () => {
  const text = (builds: number) => {
    const list = Array.from({ length: builds }, (_, n) => `{identifier: a${n}}`);
    return `version: 0.2\nbatch: {build-list: [${list.join()}]}\nphases: {build: {commands: [ls]}}\n`;
  };
  expect(said(text(100))).toEqual([]);
  expect(said(text(101))).toEqual([
    expect.stringMatching(/^2:1 warning AwsRefuses A batch of AWS has 100 builds at most/),
  ]);
});

test('a build of a batch that cannot be is a warning, unless a fleet says what it is', () => {
  const text = (env: string) =>
    `version: 0.2\nbatch: {build-list: [{identifier: a, env: {${env}}}]}\nphases: {build: {commands: [ls]}}\n`;
  const fails = [expect.stringMatching(/warning BuildFails The build a cannot be: /)];
  expect(said(text('compute-type: BOGUS'))).toEqual(fails);
  expect(said(text('type: WINDOWS_CONTAINER'))).toEqual(fails);
  expect(said(text('compute-type: CUSTOM_INSTANCE_TYPE'))).toEqual(fails);
  expect(said(text('compute-type: CUSTOM_INSTANCE_TYPE, fleet: own'))).toEqual([]);
});

test('what works on one side alone is a warning', () => {
  const text = `version: 0.2
run-as: app
env:
  variables:
    my.var: 1
    CODEBUILD_X: 1
  secrets-manager:
    KEY: a:b
  exported-variables: [KEY, AWS_A, OK]
proxy: {logs: yes}
batch: {build-list: [{identifier: a}]}
phases:
  build:
    run-as: root
    commands:
      - echo "a: b"
reports:
  one: {files: x, file-format: Lcov}
  two: {files: [x], file-format: CloverXml}
  three: {files: [x], file-format: x}
cache: {paths: [a], key: k}
`;
  expect(said(text).map((line) => line.replace(/ warning (\w+) .* \[/, ' $1 ['))).toEqual([
    '16:9 AwsRefuses [/phases/build/commands/0]',
    '18:9 AwsRefuses [/reports/one/files]',
    '2:1 NeedsContainers [/run-as]',
    '5:5 LeftOut [/env/variables/my.var]',
    '6:5 LeftOut [/env/variables/CODEBUILD_X]',
    '9:24 LeftOut [/env/exported-variables/0]',
    '9:29 LeftOut [/env/exported-variables/1]',
    '18:19 AwsRefuses [/reports/one/file-format]',
    '20:23 LeftOut [/reports/three/file-format]',
    '10:1 NotImplemented [/proxy]',
  ]);
});
