import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateProjectCommand,
  ListProjectsCommand,
  ListReportGroupsCommand,
} from '@aws-sdk/client-codebuild';
import { ListRepositoriesCommand } from '@aws-sdk/client-codecommit';
import { ListApplicationsCommand } from '@aws-sdk/client-codedeploy';
import {
  ListPipelineExecutionsCommand,
  ListPipelinesCommand,
  StartPipelineExecutionCommand,
} from '@aws-sdk/client-codepipeline';
import { ListRolesCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Clients, makeClients, makeRole } from '../src/cli/demo/resources.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

// `slipway run` and `slipway watch` against a server, and a server of a run's own.

const MINUTE = 60_000;
const cli = join(import.meta.dirname, '..', 'src', 'cli', 'main.ts');
const directory = mkdtempSync(join(tmpdir(), 'slipway-runs-'));
let server: TestServer;
let clients: Clients;

beforeAll(async () => {
  server = await startServer();
  clients = makeClients(server.client);
}, MINUTE);
afterAll(async () => {
  await server?.stop();
  rmSync(directory, { recursive: true, force: true });
});

function start(args: string[], env: NodeJS.ProcessEnv = {}): { child: ChildProcess; ran: Ran } {
  const all = [...process.execArgv, cli, ...args];
  const given = { PATH: process.env.PATH, HOME: directory, TMPDIR: directory, ...env };
  const child = spawn(process.execPath, all, { env: given, cwd: directory });
  const ran = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    ran.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    ran.stderr += chunk;
  });
  return { child, ran };
}

interface Ran {
  stdout: string;
  stderr: string;
}

async function slipway(args: string[], env?: NodeJS.ProcessEnv) {
  const { child, ran } = start(args, env);
  const [code] = await once(child, 'close');
  return { code, ...ran };
}

const here = () => ['--data', server.dataDir];

function directoryOf(name: string, files: Record<string, string>): string {
  const path = join(directory, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(path, file, '..'), { recursive: true });
    writeFileSync(join(path, file), text);
  }
  return path;
}

const git = (path: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=A', '-c', 'user.email=a@example.com', ...args], {
    ...{ cwd: path, stdio: 'pipe' },
    env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null' },
  });

const BUILDSPEC = (...commands: string[]) =>
  JSON.stringify({ version: 0.2, phases: { build: { commands } } });

/** Names of all that a run makes. */
async function madeByRuns(): Promise<string[]> {
  const logs = new CloudWatchLogsClient(server.client);
  const { codebuild, codecommit, codedeploy, codepipeline, iam, s3 } = clients;
  const all = await Promise.all([
    codepipeline.send(new ListPipelinesCommand({})),
    codebuild.send(new ListProjectsCommand({})),
    codebuild.send(new ListReportGroupsCommand({})),
    codecommit.send(new ListRepositoriesCommand({})),
    codedeploy.send(new ListApplicationsCommand({})),
    iam.send(new ListRolesCommand({})),
    iam.send(new ListUsersCommand({})),
    s3.send(new ListBucketsCommand({})),
    logs.send(new DescribeLogGroupsCommand({})),
  ]);
  const texts = all.map(({ $metadata: _, ...output }) => JSON.stringify(output));
  return [...new Set(texts.join('').match(/(?:run|build)-[a-z0-9-]+-[0-9a-f]{8}/g))];
}

describe('slipway run', () => {
  test(
    'runs what is in a repository’s directory now, says what the build says, and leaves nothing',
    async () => {
      const path = directoryOf('repository', {
        '.gitignore': 'ignored.txt\n',
        'app/buildspec.yml': JSON.stringify({
          version: 0.2,
          phases: { build: { commands: ['cat new.txt changed.txt', 'echo "to $WHOM"', 'ls'] } },
          reports: { covered: { files: ['/tmp/lcov.info'], 'file-format': 'LCOV' } },
        }),
        'app/changed.txt': 'as committed',
        'app/gone.txt': '',
      });
      git(path, 'init', '-q');
      git(path, 'add', '.');
      git(path, 'commit', '-q', '-m', 'All');
      writeFileSync(join(path, 'app', 'changed.txt'), 'as changed\n');
      writeFileSync(join(path, 'app', 'new.txt'), 'as new\n');
      writeFileSync(join(path, 'app', 'ignored.txt'), '');
      rmSync(join(path, 'app', 'gone.txt'));
      const before = git(path, 'status', '--porcelain').toString();
      const { code, stdout, stderr } = await slipway([
        'run',
        join(path, 'app'),
        '--env',
        'WHOM=you',
        ...here(),
      ]);
      expect([code, stderr]).toEqual([0, '']);
      const said = stdout.split('\n').filter((line) => /^ {4}\| (?!\[Container\])/.test(line));
      expect(said.map((line) => line.slice(6))).toEqual([
        ...['as new', 'as changed', 'to you'],
        ...['buildspec.yml', 'changed.txt', 'new.txt'],
      ]);
      expect(stdout).toMatch(/^execution [0-9a-f-]{36} Succeeded\n$/m);
      expect(git(path, 'status', '--porcelain').toString()).toBe(before);
      expect(await madeByRuns()).toEqual([]);
    },
    MINUTE,
  );

  test(
    'deploys by an AppSpec to a directory, and ends what its scripts left running',
    async () => {
      const path = directoryOf('deployed', {
        'buildspec.yml': JSON.stringify({
          ...{ version: 0.2, phases: { build: { commands: ['echo built > page.txt'] } } },
          artifacts: { files: ['**/*'] },
        }),
        'appspec.yml':
          'version: 0.0\nos: linux\nfiles: [{source: page.txt, destination: /srv}]\nhooks: {ApplicationStart: [{location: start.sh}]}\n',
        'start.sh': `#!/bin/sh\nset -e\ncat "$INSTANCE_PREFIX/srv/page.txt" > ${directory}/deployed.txt\nsleep 987654 > /dev/null 2>&1 &\necho $! > ${directory}/pid.txt\n`,
      });
      const { code, stdout } = await slipway(['run', path, ...here(), '--json']);
      const lines = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines.at(-1)).toMatchObject({ type: 'execution', status: 'Succeeded' });
      expect(lines).toContainEqual(
        expect.objectContaining({ type: 'action', stage: 'Deploy', status: 'Succeeded' }),
      );
      expect(code).toBe(0);
      const read = (file: string): string =>
        execFileSync('cat', [join(directory, file)])
          .toString()
          .trim();
      expect(read('deployed.txt')).toBe('built');
      // Where it is not ended, it is not left here either.
      onTestFinished(
        () => void execFileSync('sh', ['-c', `kill ${read('pid.txt')} 2> /dev/null || :`]),
      );
      const alive = () =>
        execFileSync('ps', ['-eo', 'pid,args']).toString().includes('sleep 987654');
      await eventually('the end of what was started', async () => !alive());
      expect(await madeByRuns()).toEqual([]);
    },
    2 * MINUTE,
  );

  test(
    'a red build is exit code 1 with its log; interrupted, nothing is left either',
    async () => {
      const red = directoryOf('red', { 'buildspec.yml': BUILDSPEC('echo why', 'false') });
      const { code, stdout } = await slipway(['run', red, ...here()]);
      expect(code).toBe(1);
      expect(stdout).toContain('    | why\n');
      expect(stdout).toMatch(/Build\/Build +Failed .*JobFailed/);
      const slow = directoryOf('slow', { 'buildspec.yml': BUILDSPEC('echo begun', 'sleep 600') });
      const { child, ran } = start(['run', slow, ...here()]);
      await eventually('the build', async () => ran.stdout.includes('| begun\n'));
      child.kill('SIGINT');
      const [ended] = await once(child, 'close');
      expect([ended, ran.stderr]).toEqual([130, expect.stringContaining('Interrupted')]);
      expect(await madeByRuns()).toEqual([]);
    },
    2 * MINUTE,
  );

  test(
    'without a server, one is started for the run alone, and goes with it',
    async () => {
      const path = directoryOf('alone', { 'buildspec.yml': BUILDSPEC('echo alone') });
      const { code, stdout, stderr } = await slipway(['run', path]);
      expect([code, stderr]).toEqual([0, 'No server runs: one is started for this run.\n']);
      expect(stdout).toContain('    | alone\n');
      expect(readdirSync(directory).filter((name) => name.startsWith('slipway-run-'))).toEqual([]);
    },
    2 * MINUTE,
  );

  test.each([
    ['no buildspec', ['run', directory], 1, 'there is no buildspec.yml'],
    ['no directory', ['run', '/nowhere'], 2, 'Usage: slipway run'],
    ['no variable', ['run', directory, '--env', 'x'], 2, 'Usage: slipway run'],
    ['two directories', ['run', 'a', 'b'], 2, 'Usage: slipway run'],
    [
      'a server that was never there',
      ['run', directory, '--data', '/nowhere', '--buildspec', 'red/buildspec.yml'],
      1,
      'no server has run on /nowhere',
    ],
  ])('%s', async (_what, args, code, said) => {
    expect(await slipway(args)).toMatchObject({
      code,
      stdout: '',
      stderr: expect.stringContaining(said),
    });
  });

  test.each(['run', 'build'])('%s --executor is refused where a server runs', async (command) => {
    const path = directoryOf('elsewhere', { 'buildspec.yml': BUILDSPEC('echo x') });
    const { code, stderr } = await slipway([command, path, ...here(), '--executor', 'docker']);
    expect(code).toBe(1);
    expect(stderr).toContain('slipway up --executor docker');
    expect(stderr).toContain(`and the server at ${server.endpoint} runs`);
  });
});

describe('slipway build', () => {
  test(
    'a project, with the tree as it is for its source: again when a file has changed, until it is interrupted',
    async () => {
      const allow = { Effect: 'Allow', Action: 'logs:*', Resource: '*' };
      const policy = JSON.stringify({ Version: '2012-10-17', Statement: allow });
      // Nobody lets it into the bucket of what is released.
      const role = await makeRole(clients.iam, 'builder', 'codebuild.amazonaws.com', policy);
      const buildspec = JSON.stringify({
        ...{ version: 0.2, artifacts: { files: ['*.txt'] } },
        phases: { build: { commands: ['cat page.txt', 'test ! -e fail'] } },
      });
      await clients.codebuild.send(
        new CreateProjectCommand({
          ...{ name: 'site', serviceRole: role, sourceVersion: 'main' },
          source: {
            ...{ type: 'CODECOMMIT', gitCloneDepth: 1, buildspec },
            location: 'https://git-codecommit.us-east-1.amazonaws.com/v1/repos/site',
          },
          artifacts: { type: 'S3', location: 'released' },
          environment: {
            ...{ type: 'LINUX_CONTAINER', image: 'any', computeType: 'BUILD_GENERAL1_SMALL' },
          },
        }),
      );
      const path = directoryOf('site', {
        ...{ '.gitignore': 'fail', fail: '', 'page.txt': 'first\n', 'kept.txt': '' },
        '.gitattributes': 'kept.txt export-ignore\n',
      });
      git(path, 'init', '-q');
      const { child, ran } = start(['build', path, '--project', 'site', '--watch', ...here()]);
      const ends = () => ran.stdout.match(/^build site:\S+ (SUCCEEDED|FAILED)/gm)?.length ?? 0;
      await eventually('the first build', async () => ends() === 1);
      writeFileSync(join(path, 'page.txt'), 'second\n');
      await eventually('the second build', async () => ends() === 2);
      child.kill('SIGINT');
      const [code] = await once(child, 'close');
      expect([code, ran.stderr]).toEqual([130, expect.stringContaining('Interrupted')]);
      const said = ran.stdout.split('\n').filter((line) => /^ {4}\| (?!\[Container\])/.test(line));
      expect(said.map((line) => line.slice(6))).toEqual(['first', 'second']);
      expect(ran.stdout.match(/Found 2 file/g)).toHaveLength(2);
      expect(await madeByRuns()).toEqual([]);
    },
    2 * MINUTE,
  );

  test(
    'a build of its own that is red is exit code 1, with the reason',
    async () => {
      const path = directoryOf('wrong', { 'ci.yml': 'version: 0.2\nphase: {}\n' });
      const { code, stdout } = await slipway([
        ...['build', path, '--buildspec', 'ci.yml', '--json', '--env', 'A=b', ...here()],
      ]);
      const lines = stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(code).toBe(1);
      expect(lines).toContainEqual({
        ...{ type: 'phase', name: 'DOWNLOAD_SOURCE', status: 'FAILED', code: 'YAML_FILE_ERROR' },
        message: 'Unknown key "phase" at line 2 (ci.yml:2:1)',
      });
      expect(lines.at(-1)).toMatchObject({ type: 'build', status: 'FAILED' });
      expect(await madeByRuns()).toEqual([]);
    },
    MINUTE,
  );

  test.each([
    ['no buildspec', ['build', directory], 1, 'there is no buildspec.yml'],
    ['no directory', ['build', '/nowhere'], 2, 'Usage: slipway build'],
    ['no variable', ['build', directory, '--env', 'x'], 2, 'Usage: slipway build'],
  ])('%s', async (_what, args, code, said) => {
    expect(await slipway(args)).toMatchObject({
      ...{ code, stdout: '', stderr: expect.stringContaining(said) },
    });
  });

  test('a project that is not there', async () => {
    const ran = await slipway(['build', directory, '--project', 'nobody', ...here()]);
    expect(ran).toMatchObject({ code: 1, stderr: 'slipway build: there is no project nobody\n' });
  });
});

test(
  'slipway watch: an execution until it ends, line by line, with the end of the log of what fails',
  async () => {
    const path = directoryOf('kept', {
      'buildspec.yml': BUILDSPEC(
        'for i in $(seq 30); do echo line $i; done',
        'test -z "$CODEBUILD_BUILD_NUMBER" || test "$CODEBUILD_BUILD_NUMBER" = 1',
      ),
    });
    const kept = await slipway(['run', path, '--keep', ...here()]);
    expect([kept.code, kept.stderr]).toEqual([0, expect.stringContaining('is still there')]);
    const { pipelines: [{ name = '' } = {}] = [] } = await clients.codepipeline.send(
      new ListPipelinesCommand({}),
    );
    expect(await madeByRuns()).toEqual([name]);
    const first = await slipway(['watch', name, ...here()]);
    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(
      /^ {2}Source\/Source +Succeeded .*\n {2}Build\/Build +Succeeded .*\nexecution \S+ Succeeded\n$/,
    );

    const { pipelineExecutionId: id = '' } = await clients.codepipeline.send(
      new StartPipelineExecutionCommand({ name }),
    );
    const red = await slipway(['watch', name, '--execution', id, '--json'], server.env);
    expect(red.code).toBe(1);
    const lines = red.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(
      lines.map(({ type, name, status }) => [type, name, status].filter(Boolean).join(' ')),
    ).toEqual(expect.arrayContaining(['action Source Succeeded', 'action Build Failed']));
    expect(lines.at(-1)).toEqual({
      type: 'execution',
      pipeline: name,
      executionId: id,
      status: 'Failed',
    });
    const { log } = lines.find(({ status, log }) => status === 'Failed' && log) ?? {};
    expect(log).toContain('line 30');
    expect(log.length).toBe(20);
    const { pipelineExecutionSummaries = [] } = await clients.codepipeline.send(
      new ListPipelineExecutionsCommand({ pipelineName: name }),
    );
    expect(pipelineExecutionSummaries).toHaveLength(2);
  },
  2 * MINUTE,
);

test.each([
  ['no such pipeline', ['watch', 'nothing'], 1, 'PipelineNotFoundException'],
  ['no pipeline', ['watch'], 2, 'Usage: slipway watch'],
  ['no such option', ['watch', 'a', '--b'], 2, 'Usage: slipway watch'],
])('slipway watch: %s', async (_what, args, code, said) => {
  expect(await slipway(args, server.env)).toMatchObject({
    code,
    stdout: '',
    stderr: expect.stringContaining(said),
  });
});
