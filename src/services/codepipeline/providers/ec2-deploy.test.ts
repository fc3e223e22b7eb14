import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as ssm from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../../../lib/testing.ts';
import { type Answers, refused } from '../../../testing/upstream.ts';
import { ec2Deploy } from './ec2-deploy.ts';
import { deployScript } from './ec2-script.ts';
import { type Bench, bench, follow, type Given, outcomeOf } from './testing.ts';

const given = (more: Record<string, string> = {}): Given => ({
  configuration: {
    InstanceTagKey: 'Name',
    InstanceType: 'EC2',
    TargetDirectory: '/srv/web',
    ...more,
  },
  inputs: { App: { 'a.txt': 'a' } },
});
const nodes = (count: number) => ({
  InstanceInformationList: Array.from({ length: count }, (_, i) => ({ InstanceId: `i-${i}` })),
});
const command = (more: object) => ({ Commands: [{ CommandId: 'c', ...more }] });
const answers = (last: object): Answers => ({
  DescribeInstanceInformation: () => nodes(2),
  SendCommand: () => ({ Command: { CommandId: 'c' } }),
  ListCommands: () => command(last),
});

describe('EC2 deploy actions', () => {
  let aws: Bench;
  afterEach(() => aws.close());
  const inputOf = (name: string) => aws.calls.find(({ operation }) => operation === name)?.input;

  it('CP-B17: sends one command to the instances of the tag, in batches', async () => {
    aws = await bench([ssm], answers({ Status: 'Success', TargetCount: 2, CompletedCount: 2 }));
    const batches = { InstanceTagValue: 'web', MaxBatch: '25%', MaxError: '1' };
    const [started, end] = await follow(aws, ec2Deploy, given(batches));
    expect(started?.progress?.externalExecutionId).toBe('c');
    expect(end).toMatchObject({
      state: 'succeeded',
      progress: { summary: 'Deployed to 2 of 2 instances' },
    });
    expect(inputOf('DescribeInstanceInformation')).toMatchObject({
      Filters: [
        { Key: 'tag:Name', Values: ['web'] },
        { Key: 'ResourceType', Values: ['EC2Instance'] },
      ],
    });
    expect(inputOf('SendCommand')).toMatchObject({
      ...{ DocumentName: 'AWS-RunShellScript', InstanceIds: ['i-0', 'i-1'] },
      ...{ MaxConcurrency: '25%', MaxErrors: '1' },
    });
  });

  it.each([
    ['0', 1, 'failed'],
    ['1', 1, 'succeeded'],
    ['25%', 1, 'succeeded'],
    ['24%', 1, 'failed'],
    ['25%', 2, 'failed'],
  ])(
    'with MaxError %s and %d of 4 instances failed it has %s',
    async (MaxError, ErrorCount, state) => {
      const last = { Status: 'Failed', TargetCount: 4, CompletedCount: 4, ErrorCount };
      aws = await bench([ssm], answers(last));
      expect((await outcomeOf(aws, ec2Deploy, given({ MaxError }))).state).toBe(state);
    },
  );

  it('started again after a crash, finds the command that it sent', async () => {
    const Comment = 'CodePipeline 11111111-2222-4333-8444-555555555555';
    aws = await bench([ssm], answers({ Comment, Status: 'InProgress' }));
    const job = aws.job(ec2Deploy, { ...given(), again: true });
    const started = await ec2Deploy.start(job, new AbortController().signal);
    expect(started.progress?.externalExecutionId).toBe('c');
    expect(inputOf('SendCommand')).toBeUndefined();
  });

  it.each<Record<string, string>>([
    { TargetDirectory: '--help' },
    { TargetDirectory: 'web' },
    { TargetDirectory: '/srv/{{ssm:password}}' },
    { PostScript: '{{ssm:password}}' },
  ])('sends nothing where a variable made a path %o', async (path) => {
    aws = await bench([ssm], answers({}));
    const job = aws.job(ec2Deploy, given(path));
    await expect(ec2Deploy.start(job, new AbortController().signal)).rejects.toMatchObject({
      code: 'ConfigurationError',
    });
    expect(inputOf('SendCommand')).toBeUndefined();
  });

  it('CP-B17: goes by the deploy spec file of the artifact', async () => {
    aws = await bench([ssm], answers({ Status: 'Success', TargetCount: 2, CompletedCount: 2 }));
    const { TargetDirectory: _, ...configuration } = given({
      DeploySpec: 'spec.yml',
    }).configuration;
    const spec = (text: string) => ({ configuration, inputs: { App: { 'spec.yml': text } } });
    const files = 'version: 0.1\nfiles: [{source: /web, destination: /srv/web}]\n';
    const scripts = 'scripts: {AfterDeploy: [{location: bin/go, timeout: 5, runas: web}]}\n';
    expect((await outcomeOf(aws, ec2Deploy, spec(files + scripts))).state).toBe('succeeded');
    const { Parameters } = inputOf('SendCommand') as { Parameters: { commands: string[] } };
    expect(Parameters.commands).toEqual(
      expect.arrayContaining([
        `source="$work/files/"'web'`,
        `target='/srv/web'`,
        `(cd "$work/files" && chmod +x './bin/go' && timeout -k 10 5 runuser -u 'web' -- './bin/go')`,
      ]),
    );
    const failing = ec2Deploy.start(aws.job(ec2Deploy, spec('version: 2')), AbortSignal.any([]));
    await expect(failing).rejects.toMatchObject({
      code: 'ConfigurationError',
      message: "Deploy spec file [spec.yml]: the version '2' is neither 0.1 nor 0.0",
    });
  });

  it('fails where nothing has the tag, where too much has, and where nobody runs commands', async () => {
    aws = await bench([ssm], { ...answers({}), DescribeInstanceInformation: () => nodes(0) });
    const start = async () =>
      ec2Deploy.start(aws.job(ec2Deploy, given()), new AbortController().signal);
    await expect(start()).rejects.toThrow('There is no instance with the tag Name');
    aws.answers.DescribeInstanceInformation = () => nodes(51);
    await expect(start()).rejects.toThrow('50 at most');
    aws.answers.DescribeInstanceInformation = () => refused('NotImplemented', 'not here', 501);
    await expect(start()).rejects.toMatchObject({
      ...{ code: 'ConfigurationError', message: expect.stringContaining('SLIPWAY_UPSTREAM_SSM') },
    });
  });

  it('tells of its targets what the command does there', async () => {
    const at = new Date(1_700_000_000_000);
    aws = await bench([ssm], {
      ListCommandInvocations: () => ({
        CommandInvocations: [
          {
            ...{ CommandId: 'c', InstanceId: 'i-1', Status: 'Success', RequestedDateTime: at },
            CommandPlugins: [
              {
                Name: 'aws:runShellScript',
                Status: 'Success',
                StatusDetails: 'Success',
                ResponseFinishDateTime: at,
              },
            ],
          },
        ],
      }),
    });
    const job = aws.job(ec2Deploy, { ...given(), externalExecutionId: 'c' });
    expect(await ec2Deploy.targets?.(job)).toEqual([
      {
        ...{ targetId: 'i-1', targetType: 'EC2', status: 'Success', startTime: at, endTime: at },
        events: [
          {
            ...{ name: 'aws:runShellScript', status: 'Success', endTime: at },
            context: { ssmCommandId: 'c', message: 'Success' },
          },
        ],
      },
    ]);
  });
});

describe('the script on an instance', () => {
  /** Runs it with commands of our own for `aws` and `unzip`, and a home for what it remembers. */
  function run(directory: string, key: string, post: string, body: string): string {
    const bin = join(directory, 'bin');
    mkdirSync(bin, { recursive: true });
    const command = (name: string, text: string) =>
      writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    command('aws', 'echo "$@" >> "$LOG"; : > "$5"');
    command(
      'unzip',
      `printf '%s' "$BODY" > "$4/it's.txt"; printf '#!/bin/sh\n%s' "$POST" > "$4/post.sh"`,
    );
    const lines = deployScript({
      bucket: 'b',
      key,
      files: [{ source: '', destination: join(directory, "it's here") }],
      mark: 'p/s/a',
      before: [],
      after: [{ location: 'post.sh', seconds: 60 }],
    });
    const script = lines
      .join('\n')
      .replaceAll('/var/lib/codepipeline-deploy', join(directory, 'marks'));
    const log = join(directory, 'log');
    const env = { PATH: `${bin}:${process.env.PATH}`, LOG: log, BODY: body, POST: post };
    execFileSync('/bin/sh', ['-c', script], { env, stdio: 'pipe' });
    return existsSync(log) ? readFileSync(log, 'utf8') : '';
  }
  const deployed = (directory: string) =>
    readFileSync(join(directory, "it's here", "it's.txt"), 'utf8');

  it('brings an artifact to its place once, and again what failed or is another', () => {
    const directory = temporaryDirectory();
    expect(() => run(directory, 'k1', 'exit 3', 'first')).toThrow();
    expect(run(directory, 'k1', 'echo ran', 'second')).toContain(
      's3 cp --only-show-errors s3://b/k1',
    );
    expect(deployed(directory)).toBe('second');
    const calls = run(directory, 'k1', 'exit 3', 'third').split('\n').length;
    expect(deployed(directory)).toBe('second');
    expect(run(directory, 'k2', '', 'fourth').split('\n')).toHaveLength(calls + 1);
    expect(deployed(directory)).toBe('fourth');
  });
});
