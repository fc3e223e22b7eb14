import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseBuildspec } from './buildspec.ts';
import { type DriverInput, makeDriver } from './driver.ts';
import { parseReport, type Report } from './report.ts';

const base = mkdtempSync(join(tmpdir(), 'slipway-driver-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));
let count = 0;

/** Runs a buildspec's driver with nothing around it. */
function drive(
  buildspec: string,
  more: Partial<DriverInput> = {},
  before: (directory: string) => void = () => {},
) {
  const root = join(base, String(count++));
  const directory = join(root, 'driver');
  const sourceDirectory = join(root, 'src');
  mkdirSync(directory, { recursive: true });
  mkdirSync(sourceDirectory);
  const driver = makeDriver({
    spec: parseBuildspec(buildspec),
    directory,
    sourceDirectory,
    environment: {},
    prelude: [],
    names: {},
    reported: [],
    ...more,
  });
  for (const [name, text] of Object.entries(driver)) writeFileSync(join(directory, name), text);
  before(directory);
  const { stdout, stderr, status } = spawnSync('/bin/sh', [join(directory, 'driver.sh')], {
    env: { PATH: process.env.PATH, HOME: root },
    encoding: 'utf8',
    timeout: 20_000,
  });
  const reports = stderr
    .trimEnd()
    .split('\n')
    .map((line) => parseReport(line) ?? line);
  const output = stdout
    .split('\n')
    .filter((line) => !line.startsWith('[Container]'))
    .join('\n');
  const ends = reports.flatMap((r) =>
    typeof r !== 'string' && r.kind === 'end'
      ? [
          `${r.phase} ${r.failed ? `${r.failed.step}:${r.failed.exitStatus}` : (r.refused?.message ?? 'ok')}`,
        ]
      : [],
  );
  const variables = Object.fromEntries(
    reports.flatMap((r) =>
      typeof r !== 'string' && r.kind === 'variable' ? [[r.name, r.value]] : [],
    ),
  );
  return { stdout, output, reports: reports as Report[], ends, variables, status, sourceDirectory };
}

const build = (...commands: string[]) =>
  `version: 0.2\nphases:\n  build:\n    commands:\n${commands.map((c) => `      - ${JSON.stringify(c)}\n`).join('')}`;
const ALL_OK = ['INSTALL ok', 'PRE_BUILD ok', 'BUILD ok', 'POST_BUILD ok'];

describe.each(['sh', 'bash'])('the driver under %s', (shell) => {
  const spec = (text: string) =>
    text.replace('version: 0.2', `version: 0.2\nenv:\n  shell: ${shell}`);
  const run = (text: string, more?: Partial<DriverInput>) => drive(spec(text), more);

  test('CB-A3: one shell instance: directory, exports, variables and functions persist', () => {
    const { output, ends } = run(
      build('mkdir d && cd d', 'A=1', 'export B=2', 'f() { echo f$A$B; }', 'f; basename $PWD'),
    );
    expect(output).toBe('f12\nd\n');
    expect(ends).toEqual(ALL_OK);
  });

  test('CB-A18: the first command that fails stops the block; its number and status are reported', () => {
    const { output, ends } = run(build('echo a', 'false; true', '(exit 4)', 'echo never'));
    expect(output).toBe('a\n');
    expect(ends).toEqual(['INSTALL ok', 'PRE_BUILD ok', 'BUILD 2:4', 'POST_BUILD ok']);
  });

  test('CB-A18: exit ends its command only, and the next shell knows what the last one knew', () => {
    const post =
      '  post_build:\n    commands:\n      - echo "$A $B $PWD $CODEBUILD_BUILD_SUCCEEDING"\n';
    const { output, ends, sourceDirectory } = run(
      `${build('mkdir d', 'cd d', 'A=1', "export B='x y'; exit 3")}${post}`,
    );
    expect(output).toBe(`1 x y ${sourceDirectory}/d 0\n`);
    expect(ends).toEqual(['INSTALL ok', 'PRE_BUILD ok', 'BUILD 3:3', 'POST_BUILD ok']);
    expect(run(build('A=1; exit 0', 'echo "go on $A"')).output).toBe('go on 1\n');
  });

  test('set -e, set -u and set -x of the user hold for the commands, and do not break the driver', () => {
    const { ends, output } = run(build('set -eu', 'false; echo never', 'echo never'));
    expect(ends[2]).toBe('BUILD 1:1');
    expect(output).not.toContain('never');
    const traced = run(build('set -x', 'echo hi', 'true'));
    expect(traced.output).toMatch(/^\+\+? echo hi\nhi\n\+\+? true\n$/);
    expect(run(build('set -eu', 'echo on', ': "$UNSET_VARIABLE"')).ends[2]).toMatch(
      /^BUILD 2:[1-9]/,
    );
  });

  test('CB-A30: codebuild-breakpoint is ignored, also in other commands and in the next shell', () => {
    const { output, ends } = run(
      build(
        'codebuild-breakpoint',
        'echo a || codebuild-breakpoint',
        'exit 0',
        'codebuild-breakpoint && echo b',
      ),
    );
    expect(output).toBe('a\nb\n');
    expect(ends).toEqual(ALL_OK);
    const old = 'version: 0.1\nphases: {build: {commands: [codebuild-breakpoint]}}\n';
    expect(drive(old).ends).toEqual(ALL_OK);
  });

  test('a build that deletes its driver goes on while its shell does, and then says why it cannot', () => {
    const wipe = 'rm -rf "$(dirname "$PWD")"/driver';
    const { output, ends } = run(build(wipe, 'echo on', 'false', 'echo never'));
    expect(output).toBe('on\n');
    expect(ends).toEqual(['INSTALL ok', 'PRE_BUILD ok', 'BUILD 2:1', 'POST_BUILD ok']);
    for (const command of [wipe, 'rm ../driver/progress', 'rm ../driver/phases.sh']) {
      const broken = run(build('echo once', `${command}; exit 0`, 'echo never'));
      expect(broken.output).toBe('once\n');
      expect(broken.ends).toEqual(['INSTALL ok', 'PRE_BUILD ok']);
      expect(broken.reports.at(-1)).toMatchObject({
        kind: 'broken',
        message: expect.stringMatching(/^A command has deleted files in \/.*\/driver,/),
      });
    }
  });

  test('a syntax error fails its command only', () => {
    const { ends, output } = run(
      `${build('echo a', 'if true; then', 'echo never')}    finally:\n      - echo finally\n`,
    );
    expect(output).toMatch(/^a\n[\s\S]*finally\n$/);
    expect(ends[2]).toMatch(/^BUILD 1:[12]$/);
    expect(ends[3]).toBe('POST_BUILD ok');
  });

  test('commands of several lines, here-documents, quotes', () => {
    const { output, ends } = run(
      build('cat <<EOF\nit\'s $((1+1)) "x"\nEOF', 'for i in 1 2; do\n  echo $i\ndone'),
    );
    expect(output).toContain('\nit\'s 2 "x"\n');
    expect(output).toMatch(/\n1\n2\n$/);
    expect(ends).toEqual(ALL_OK);
  });

  test('background children do not hold the build', () => {
    const start = Date.now();
    const { ends } = run(build('sleep 30 >/dev/null 2>&1 &', 'echo next'));
    expect(ends).toEqual(ALL_OK);
    expect(Date.now() - start).toBeLessThan(10_000);
  });

  test('exec, kill and traps of the user end in a status, not in a lost build', () => {
    expect(run(build('exec sh -c "exit 6"', 'echo never')).ends[2]).toBe('BUILD 0:6');
    expect(run(build('kill -9 $$')).ends[2]).toBe('BUILD 0:137');
    const { output, ends } = run(build('trap "echo bye" EXIT', 'exit 2'));
    expect(output).toBe('bye\n');
    expect(ends[2]).toBe('BUILD 1:2');
  });

  test("PATH and IFS of the user are not the driver's", () => {
    expect(run(build('PATH=/nowhere', 'IFS=abc', 'echo still')).ends).toEqual(ALL_OK);
  });

  test('CB-A10: the last values of variables are reported, whatever they hold', () => {
    const { variables } = run(build("export A='x\ny'", 'B=plain', 'exit 1'), {
      reported: ['A', 'B', 'C', 'not-a-name'],
    });
    expect(variables).toEqual({ A: 'x\ny', B: 'plain' });
  });

  test('CB-A22: names of artifacts are evaluated by the shell', () => {
    const { reports } = run(build('export V=1.2'), {
      names: { primary: 'app-$V-$(echo sub).zip', bad: '$(exit 3' },
    });
    expect(reports).toContainEqual({ kind: 'name', artifact: 'primary', value: 'app-1.2-sub.zip' });
    expect(reports.at(-1)).toEqual({ kind: 'done' });
  });

  test('the environment is literal and complete', () => {
    const { output } = run(build('env | grep -e ^V[1-4]= -e ^line'), {
      environment: { V1: "it's $HOME", V2: 'a\nline 2', V3: '', 'not-valid': 'x', V4: '`id`' },
    });
    expect(output.split('\n').sort()).toEqual([
      '',
      "V1=it's $HOME",
      'V2=a',
      'V3=',
      'V4=`id`',
      'line 2',
    ]);
  });
});

test('CB-A19: finally runs after a failure, and its own failure fails the phase', () => {
  const text =
    'version: 0.2\nphases:\n  install:\n    commands: [echo c]\n    finally: [echo f, "false", echo never]\n';
  const { output, ends } = drive(text);
  expect(output).toBe('c\nf\n');
  expect(ends).toEqual(['INSTALL 2:1']);
});

test('CB-A17, CB-A25: CONTINUE goes on, ABORT skips POST_BUILD', () => {
  const phase = (name: string, onFailure: string) =>
    `version: 0.2\nphases:\n  ${name}:\n    on-failure: ${onFailure}\n    commands: ["false"]\n`;
  expect(drive(phase('install', 'CONTINUE')).ends).toEqual(['INSTALL 0:1', ...ALL_OK.slice(1)]);
  expect(drive(phase('pre_build', 'ABORT')).ends).toEqual(['INSTALL ok', 'PRE_BUILD 0:1']);
  expect(drive(phase('build', 'ABORT')).ends).toEqual(['INSTALL ok', 'PRE_BUILD ok', 'BUILD 0:1']);
});

test('CB-A17: RETRY runs the phase again, RETRY with a pattern only on such errors', () => {
  const phase = (onFailure: string, status = 'exit 9') =>
    `version: 0.2\nphases:\n  build:\n    on-failure: ${onFailure}\n    commands:\n      - echo try; N=$((N+1))\n      - if [ $N -lt 3 ]; then ${status}; fi\n`;
  expect(drive(phase('RETRY'))).toMatchObject({ output: 'try\ntry\ntry\n', ends: ALL_OK });
  expect(drive(phase('RETRY-1')).ends[2]).toBe('BUILD 1:9');
  expect(drive(phase('RETRY-5-status 9')).ends).toEqual(ALL_OK);
  expect(drive(phase('RETRY-status 8')).ends[2]).toBe('BUILD 1:9');
});

test('CB-A26: a build whose phase went well at the next try is succeeding again, one whose phase before failed is not', () => {
  const text = (install: string) =>
    `version: 0.2\nphases:\n  install:\n    on-failure: CONTINUE\n    commands: ["${install}"]\n  build:\n    on-failure: RETRY-1\n    commands:\n      - N=$((N+1)); test $N -gt 1\n  post_build:\n    commands: [echo "$CODEBUILD_BUILD_SUCCEEDING"]\n`;
  for (const shell of ['', 'env: {shell: bash}\n']) {
    const of = (install: string) => text(install).replace('\n', `\n${shell}`);
    expect(drive(of('true'))).toMatchObject({ output: '1\n', ends: ALL_OK });
    expect(drive(of('false')).output).toBe('0\n');
  }
});

test('CB-A17, CB-A28: why a phase failed is its first failure, whatever its finally comes to', () => {
  const text = (onFailure: string, last: string) =>
    `version: 0.2\nphases:\n  build:\n    on-failure: ${onFailure}\n    commands: [N=$((N+1)), 'test $N -gt 1 || exit 2']\n    finally: ["${last}"]\n`;
  const { ends, stdout } = drive(text('ABORT', 'exit 3'));
  expect(ends[2]).toBe('BUILD 1:2');
  expect(stdout).toMatch(/State: FAILED\n.*Reason: exit status 2/);
  expect(drive(text('RETRY-1-exit status 2', '[ $N -gt 1 ] || exit 3')).ends).toEqual(ALL_OK);
  expect(drive(text('RETRY-1-exit status 3', '[ $N -gt 1 ] || exit 3')).ends[2]).toBe('BUILD 1:2');
});

describe('CB-A5, CB-A16: run-as', () => {
  const phases = (top: string, build: string) =>
    `version: 0.2\n${top}phases:\n  install:\n    commands: [cd /tmp, export A=1, B=2]\n  build:\n    ${build}\n    finally: [echo never]\n  post_build:\n    run-as: root\n    commands: ['echo "$(id -un) $HOME $A$C"']\n`;

  test.runIf(process.getuid?.() === 0)(
    'each phase runs as its user, with what the ones before left',
    () => {
      chmodSync(base, 0o755);
      const commands = `commands: ['echo "$(id -un) $HOME $A$B $PWD"', export C=3]`;
      for (const shell of ['sh', 'bash']) {
        const { output, ends } = drive(
          phases(`env: {shell: ${shell}}\n`, `run-as: nobody\n    ${commands}`),
        );
        const home = join(base, String(count - 1));
        expect(output).toBe(`nobody /nonexistent 12 /tmp\nnever\nroot ${home} 13\n`);
        expect(ends).toEqual(ALL_OK);
      }
      const own = drive(phases('run-as: nobody\n', 'commands: [echo "$HOME"; exit 4]'), {
        environment: { HOME: '/tmp' },
      });
      expect(own.output).toBe('/tmp\nnever\nroot /tmp 1\n');
      expect(own.ends).toEqual(['INSTALL ok', 'PRE_BUILD ok', 'BUILD 3:4', 'POST_BUILD ok']);
    },
  );

  test('a user that is not there fails the phase by its name, and runs nothing of it', () => {
    const { output, ends, reports } = drive(
      phases('', 'run-as: nobody-here\n    on-failure: RETRY\n    commands: [echo never]'),
    );
    const message = 'run-as: there is no user nobody-here here';
    expect(ends).toEqual(['INSTALL ok', 'PRE_BUILD ok', `BUILD ${message}`, 'POST_BUILD ok']);
    expect(output).toMatch(/^\w+ \S+ 1\n$/);
    expect(reports).toContainEqual(
      expect.objectContaining({ refused: { code: 'CLIENT_ERROR', message } }),
    );
  });
});

test('CB-A3: in version 0.1 each command has a shell of its own', () => {
  const { output } = drive(
    'version: 0.1\nphases:\n  build:\n    commands: [cd /, A=1, \'echo "$A$(basename $PWD)"\']\n',
  );
  expect(output).toBe('src\n');
});

test('CB-A29: the lines of the log', () => {
  const { stdout } = drive(build('echo hello', '(exit 2)'), {
    prelude: ['YAML location is inline'],
  });
  const lines = stdout
    .split('\n')
    .map((line) => line.replace(/^(\[Container\]) \d{4}(\/\d\d){2} \d\d(:\d\d){2}/, '$1 TS'));
  expect(lines[0]).toBe('[Container] TS YAML location is inline');
  expect(lines.slice(7)).toEqual([
    '[Container] TS Entering phase BUILD',
    '[Container] TS Running command echo hello',
    'hello',
    '[Container] TS Running command (exit 2)',
    '[Container] TS Command did not exit successfully (exit 2) exit status 2',
    '[Container] TS Phase complete: BUILD State: FAILED',
    '[Container] TS Phase context status code: COMMAND_EXECUTION_ERROR Message: Error while executing command: (exit 2). Reason: exit status 2',
    '[Container] TS Entering phase POST_BUILD',
    '[Container] TS Phase complete: POST_BUILD State: SUCCEEDED',
    '[Container] TS Phase context status code:  Message: ',
    '',
  ]);
});

test.each([
  ['', 'none'],
  ['whole', 'kept'],
])('CB-F1: a cache with the mark %j behind it is unpacked: %s', (mark, found) => {
  const { stdout, output } = drive(build('cat file || echo none'), {}, (directory) => {
    writeFileSync(join(directory, 'file'), 'kept\n');
    spawnSync('tar', ['-cf', 'cache-source.tar', 'file'], { cwd: directory });
    writeFileSync(join(directory, 'cache-whole'), mark);
  });
  expect(output.trim().split('\n').at(-1)).toBe(found);
  expect(/cannot be unpacked/.test(stdout)).toBe(mark === '');
});

test('CB-A23: the keys of its cache are worked out in the source, with its variables; one that fails is empty', () => {
  const keys = [`npm-$(printf '%s' "a b")-$KIND`, '$(exit 1)', `it's "x"`, '$(', 'last'];
  const { reports, output } = drive(build('echo hello'), {
    environment: { KIND: 'k' },
    cache: { keys, waits: false },
  });
  expect(reports[0]).toEqual({ kind: 'cache', keys: ['npm-a b-k', '', `it's "x"`, '', 'last'] });
  expect(output).toContain('hello\n');
});
