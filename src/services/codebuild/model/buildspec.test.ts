import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBuildspec, readBuildspec, SPEC_PHASES } from './buildspec.ts';
import { SpecError } from './yaml-reader.ts';

const build = (commands: string) => `version: 0.2\nphases:\n  build:\n    commands:\n${commands}`;
const commandsOf = (text: string) => parseBuildspec(build(text)).phases.build?.commands;

describe('what YAML says otherwise than its author meant', () => {
  test.each([
    ['      - echo "x: y"\n', ['echo "x: y"']],
    ['      - echo a: b &&\n          echo c\n', ['echo a: b &&\n          echo c']],
    ['      - 010\n      - 3.10\n      - true\n      - 1e3\n', ['010', '3.10', 'true', '1e3']],
    ['      -\n      - ls\n      - ~\n', ['ls']],
    ['      - |\n        a\n        b\n      - >\n        c\n        d\n', ['a\nb\n', 'c d\n']],
    ["      - \"a\\tb\"\n      - 'it''s'\n", ['a\tb', "it's"]],
    ['      - - nested\n        - list\n', ['nested', 'list']],
  ])('commands %j', (text, wanted) => expect(commandsOf(text)).toEqual(wanted));

  test('one string for a list', () => {
    const spec = parseBuildspec(
      'version: 0.2\nphases: {build: {commands: ls -l}}\nartifacts: {files: a.txt}\n',
    );
    expect(spec.phases.build?.commands).toEqual(['ls -l']);
    expect(spec.artifacts?.files).toEqual(['a.txt']);
  });

  test('empty blocks are none', () => {
    const spec = parseBuildspec(
      'version: 0.2\nenv:\nphases:\n  install:\n  build:\n    commands:\nartifacts:\nreports:\ncache:\n',
    );
    expect(spec.phases).toEqual({
      build: { commands: [], finally: [], onFailure: { kind: 'default' } },
    });
    expect(spec.artifacts).toBeUndefined();
  });

  test('byte order mark, CRLF, JSON, anchors', () => {
    expect(
      parseBuildspec('\uFEFFversion: 0.2\r\nphases:\r\n  build:\r\n    commands:\r\n      - ls\r\n')
        .phases.build?.commands,
    ).toEqual(['ls']);
    expect(
      parseBuildspec('{"version": "0.2", "phases": {"build": {"commands": ["ls"]}}}').phases.build
        ?.commands,
    ).toEqual(['ls']);
    const text =
      'version: 0.2\nphases:\n  pre_build: &same\n    commands: [ls]\n  build:\n    <<: *same\n    on-failure: ABORT\n';
    expect(parseBuildspec(text).phases.build).toMatchObject({
      commands: ['ls'],
      onFailure: { kind: 'abort' },
    });
  });

  test('CB-A4: scalars are their text, whatever YAML takes them for', () => {
    const written = [
      '010',
      '1e3',
      'yes',
      '1.10',
      '2020-01-01',
      '12:30',
      '0x1F',
      '1_000',
      '.5',
      'NaN',
    ];
    const lines = written.map((text, i) => `    V${i}: ${text}\n`).join('');
    const { variables } = parseBuildspec(
      `version: 0.2\nenv:\n  variables:\n${lines}    NONE: null\n    QUOTED: "~"\n    TAGGED: !!int 07\nphases: {build: {commands: ls}}\n`,
    );
    expect(Object.values(variables)).toEqual([...written, '', '~', '07']);
  });

  test('of several documents the first counts', () => {
    expect(
      parseBuildspec('version: 0.2\nphases: {build: {commands: ls}}\n---\nversion: [').phases.build
        ?.commands,
    ).toEqual(['ls']);
  });

  test('the keys of a map come before those that it merges, wherever it merges them', () => {
    const text =
      'version: 0.2\nphases:\n  pre_build: &same\n    commands: [ls]\n    finally: [x]\n  build:\n    commands: [own]\n    <<: [*same, {finally: [y]}]\n';
    expect(parseBuildspec(text).phases.build).toMatchObject({ commands: ['own'], finally: ['x'] });
  });

  test('aliases that grow without end are refused at once', () => {
    const tens = Array.from({ length: 8 }, (_, i) =>
      i === 0 ? '&l0 [ls]' : `&l${i} [${Array(10).fill(`*l${i - 1}`)}]`,
    );
    const phases = SPEC_PHASES.map(
      (phase, i) => `  ${phase}:\n    commands: ${tens[2 * i]}\n    finally: ${tens[2 * i + 1]}\n`,
    );
    expect(() => parseBuildspec(`version: 0.2\nphases:\n${phases.join('')}`)).toThrow(
      'the file uses too many aliases at line 5',
    );
    expect(parseBuildspec(`version: 0.2\nphases:\n${phases[0]}`).phases.install?.finally).toEqual(
      Array(10).fill('ls'),
    );
  });

  test.each([
    ['yes', true],
    ['No', false],
    ['"true"', true],
    ['false', false],
    ['', false],
  ])('CB-A4: the boolean %j', (text, wanted) => {
    expect(
      parseBuildspec(
        `version: 0.2\nenv: {git-credential-helper: ${text}}\nphases: {build: {commands: ls}}\n`,
      ).gitCredentialHelper,
    ).toBe(wanted);
  });
});

test.each([
  ['ABORT', { kind: 'abort' }],
  ['CONTINUE', { kind: 'continue' }],
  ['RETRY', { kind: 'retry', retries: 3 }],
  ['RETRY-7', { kind: 'retry', retries: 7 }],
  ['RETRY-.*timed out.*', { kind: 'retry', retries: 3, pattern: '.*timed out.*' }],
  ['RETRY-2-E[0-9]+', { kind: 'retry', retries: 2, pattern: 'E[0-9]+' }],
])('CB-A17: on-failure %s', (text, wanted) => {
  expect(
    parseBuildspec(`version: 0.2\nphases: {build: {on-failure: "${text}", commands: ls}}\n`).phases
      .build?.onFailure,
  ).toEqual(wanted);
});

test.each([
  ['', 'The buildspec is empty at line 1'],
  ['phases: {}\n', 'The key "version" is missing; it must be 0.1 or 0.2, at line 1'],
  ['version: 1\n', 'version is 1; it must be 0.1 or 0.2, at line 1'],
  ['version: 0.2\nphase: {}\n', 'Unknown key "phase" at line 2'],
  [
    'version: 0.2\nphases:\n  build:\n    command: [ls]\n',
    'Unknown key "command" in phases.build at line 4',
  ],
  ['version: 0.2\nphases: [build]\n', 'phases must be a map of keys at line 2'],
  [
    'version: 0.2\nphases:\n\tbuild:\n',
    'found character that cannot start any token at line 3: tabs cannot be used as indentation',
  ],
  [
    'version: 0.2\nenv:\n  shell: fish\n',
    'env.shell fish is not supported; it must be sh or bash, at line 3',
  ],
  ['version: 0.2\nartifacts:\n  name: x\n', 'artifacts has no files at line 2'],
  [
    'version: 0.2\nphases:\n  build:\n    on-failure: RETRY-101\n',
    'phases.build.on-failure is RETRY-101; it must be ABORT, CONTINUE, RETRY, RETRY-<count>, RETRY-<regex> or RETRY-<count>-<regex>, with a count of at most 100, at line 4',
  ],
  [
    'version: 0.2\nenv:\n  shell: powershell.exe\n',
    'env.shell powershell.exe is for Windows, which is not supported; it must be sh or bash, at line 3',
  ],
  ['version: 0.2\nrun-as: $USER\n', 'run-as is $USER; it must be the name of a user, at line 2'],
  ['version: 0.2\nproxy: {logs: maybe}\n', 'proxy.logs must be yes or no at line 2'],
  [
    'version: 0.2\nphases:\n  build:\n    runtime-versions: {nodejs: 20}\n',
    'Unknown key "runtime-versions" in phases.build at line 4',
  ],
  [
    'version: 0.2\nphases:\n  build:\n    on-failure: RETRY-(?=x)\n',
    'phases.build.on-failure has a regular expression that cannot be used: (?=x is not supported, at line 4',
  ],
  ['- a\n- b\n', 'The file must be a map of keys at line 1'],
  [
    'version: 0.2\nartifacts:\n  files:\n    - *.jar\n',
    'did not find expected alphabetic or numeric character at line 4',
  ],
  [
    'version: 0.2\ncache:\n  paths:\n    - **/*\n',
    'did not find expected alphabetic or numeric character at line 4',
  ],
  ['version: 0.2\nphases:\n  build: *build\n', "unknown anchor 'build' referenced at line 3"],
  [
    'version: 0.2\nenv:\n  variables:\n    A: *a\n    B: &a 1\n',
    "unknown anchor 'a' referenced at line 4",
  ],
  [
    'version: 0.2\nphases:\n  build:\n    commands: &a [*a, *a]\n',
    "anchor 'a' value contains itself at line 4",
  ],
  [
    'version: 0.2\nphases:\n  build:\n    commands: ["a\u0001"]\n',
    'control characters are not allowed at line 4',
  ],
])('what is wrong is named with its line: %j', (text, message) => {
  expect(() => parseBuildspec(text)).toThrow(expect.objectContaining({ message }));
});

test('whatever is read, it is a buildspec or a SpecError', () => {
  const key = fc.constantFrom(
    'version',
    'phases',
    'build',
    'commands',
    'env',
    'artifacts',
    'files',
    '-',
    '&a',
    '*a',
    '<<',
    '|',
    '"',
    '{',
    '[',
    '\t',
    '0.2',
  );
  const text = fc.array(fc.tuple(fc.nat(6), key, fc.constantFrom(':', ': ', '\n', ' ')), {
    maxLength: 25,
  });
  fc.assert(
    fc.property(text, (parts) => {
      try {
        parseBuildspec(
          `version: 0.2\n${parts.map(([indent, word, end]) => ' '.repeat(indent) + word + end).join('')}`,
        );
      } catch (error) {
        expect(error).toBeInstanceOf(SpecError);
      }
    }),
  );
});

const list = `[${'x,'.repeat(5000)}]`;
const word = 'x'.repeat(100_000);
const map = `{${Array.from({ length: 4000 }, (_, at) => `k${at}: 1`).join()}}`;
test.each([
  ['a long list', `      - &a ${list}\n${'      - *a\n'.repeat(1500)}`],
  ['a long word', `      - &a ${word}\n${'      - *a\n'.repeat(1500)}`],
  ['empty lists', `      - &a [${'[],'.repeat(5000)}]\n${'      - *a\n'.repeat(1500)}`],
])('aliases of %s cannot stand for more than memory holds', (_name, commands) => {
  expect(() => commandsOf(commands)).toThrow(/makes the file too large, with what its aliases/);
});

test('merging a large map again and again ends', () => {
  const merges = `      <<: [${'*a,'.repeat(1500)}]\n`;
  const text = `version: 0.2\nphases:\n  build:\n    commands: [ls]\nenv:\n  variables:\n    A: &a ${map}\n  parameter-store:\n${merges}`;
  expect(() => parseBuildspec(text)).toThrow(/makes the file too large, with what its aliases/);
});

test('more maps can be merged than a call has arguments', () => {
  const text = `version: 0.2\nenv: {variables: {a: 1, <<: [${'{},'.repeat(6000)}]}}\n`;
  expect(parseBuildspec(text).variables).toEqual({ a: '1' });
});

test('all that is wrong is told, each with its place, and what AWS would not take', () => {
  const { problems, remarks } = readBuildspec(
    'version: 3\nphase: {}\nphases:\n  build:\n    comands: [ls]\n    commands:\n      - ls\n      - echo "a: b"\n    on-failure: never\n  build:\n    commands: ls\n    finally: [[x]]\n',
  );
  expect(problems.map(({ at, path }) => [at.line, at.column, path.join('/')])).toEqual([
    [1, 1, 'version'],
    [2, 1, 'phase'],
  ]);
  expect(remarks).toEqual([
    {
      code: 'DuplicateKey',
      message: expect.any(String),
      at: { line: 10, column: 3 },
      path: ['phases', 'build'],
    },
    expect.objectContaining({
      message: 'AWS refuses it: Expected phases.build.commands to be a list of strings',
    }),
    expect.objectContaining({ at: { line: 12, column: 15 }, code: 'AwsRefuses' }),
  ]);
  expect(readBuildspec(build('      - a\n      - echo "b: c"\n')).remarks).toEqual([
    {
      code: 'AwsRefuses',
      message:
        'AWS refuses it: Expected phases.build.commands[1] to be of string type: found subkeys instead',
      at: { line: 6, column: 9 },
      path: ['phases', 'build', 'commands', 1],
    },
  ]);
});

test('errors of YAML are said in libyaml’s words, with ours behind them', () => {
  const text = 'version: 0.2\nphases:\n  build:\n    commands:\n      - ls\n   finally: [x]\n';
  const { problems } = readBuildspec(text);
  expect(problems[0]?.message).toMatch(/^did not find expected key at line 6: all mapping items/);
  expect(problems[0]?.at.line).toBe(6);
});

test('run-as, at the top and of a phase; proxy', () => {
  const text =
    'version: 0.2\nrun-as: app\nproxy: {logs: yes, upload-artifacts: no}\nphases:\n  build: {run-as: root, commands: ls}\n';
  expect(parseBuildspec(text)).toMatchObject({
    ...{ runAs: 'app', proxied: ['logs'] },
    phases: { build: { runAs: 'root' } },
  });
});
