import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudWatchLogsClient,
  GetLogEventsCommand,
  TestMetricFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  BatchGetBuildsCommand,
  type Build,
  CodeBuildClient,
  CreateProjectCommand,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
import {
  CodeCommitClient,
  CreateRepositoryCommand,
  GetFileCommand,
  PutFileCommand,
} from '@aws-sdk/client-codecommit';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import * as s3 from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sdkSigner } from '../src/aws/auth/testing.ts';
import { serverCertificate } from '../src/lib/certificates.ts';
import { eventually } from './eventually.ts';
import { missing } from './run.ts';
import { startServer, type TestServer } from './server.ts';

const MINUTE = 60_000;
const Bucket = 'hostile';
/** Not below /tmp: builds have one of their own, which would hide all that the sandbox forgets. */
const CACHE = join(import.meta.dirname, '..', 'node_modules', '.cache');

let place = '';
let tlsKey = '';
let server: TestServer;
let bucket: s3.S3Client;

beforeAll(async () => {
  mkdirSync(CACHE, { recursive: true });
  place = mkdtempSync(join(CACHE, 'security-'));
  const dataDir = join(place, 'data');
  mkdirSync(dataDir);
  const authority = mkdtempSync(join(tmpdir(), 'slipway-authority-'));
  const identity = serverCertificate(authority, ['localhost']);
  rmSync(authority, { recursive: true });
  tlsKey = identity.key;
  writeFileSync(join(place, 'tls.key'), tlsKey);
  writeFileSync(join(place, 'tls.crt'), identity.cert);
  const tls = ['--tls-key', join(place, 'tls.key'), '--tls-cert', join(place, 'tls.crt')];
  server = await startServer({ dataDir, flags: tls });
  bucket = new s3.S3Client({ ...server.client, forcePathStyle: true });
  await bucket.send(new s3.CreateBucketCommand({ Bucket }));
  await bucket.send(new s3.PutObjectCommand({ Bucket, Key: 'key', Body: 'hello' }));
}, MINUTE);

afterAll(async () => {
  await server?.stop();
  rmSync(place, { recursive: true, force: true });
});

/** A signed request that no SDK would send. */
async function signed(
  method: string,
  path: string,
  query: Record<string, string>,
  body?: string,
): Promise<Response> {
  const { host, hostname, port } = new URL(server.endpoint);
  const signer = sdkSigner('s3', { ...server, status: 'Active', principal: undefined as never });
  const { headers } = await signer.sign({
    method,
    protocol: 'http:',
    hostname,
    port: Number(port),
    path,
    query,
    headers: { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    body,
  });
  const { host: _, ...sent } = headers;
  const search = Object.entries(query).map(([k, v]) => `${k}=${encodeURIComponent(v)}`);
  return fetch(`${server.endpoint}${path}?${search.join('&')}`, { method, headers: sent, body });
}

describe('what goes into answers', () => {
  test.each(['a € sign', 'a bell \u0007', 'two\r\nx-evil: 1'])(
    'a header of the caller’s own with %j',
    async (disposition) => {
      const response = await signed('GET', `/${Bucket}/key`, {
        'response-content-disposition': disposition,
      });
      expect([response.status, await response.text()]).toEqual([200, 'hello']);
      expect(response.headers.has('x-evil')).toBe(false);
    },
  );
});

describe('bodies that grow when they are read', () => {
  const levels = Array.from(
    { length: 9 },
    (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`,
  );
  test.each([
    ['entities in entities', `<!DOCTYPE x [<!ENTITY l0 "lol">${levels.join('')}]>`, '&l9;'],
    ['a file', '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>', '&f;'],
    ['a hundred thousand levels', '', `${'<a>'.repeat(1e5)}${'</a>'.repeat(1e5)}`],
  ])('XML of %s', async (_name, before, key) => {
    const body = `${before}<Delete><Object><Key>${key}</Key></Object></Delete>`;
    const response = await signed('POST', `/${Bucket}`, { delete: '' }, body);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('<Code>MalformedXML</Code>');
  });
});

describe('names that lead elsewhere', () => {
  test.each(['../../../../escaped', '/escaped', '..', 'a/../../b', 'nul\0', 'back\\..\\slash'])(
    'the S3 key %j is a name like any other',
    async (Key) => {
      await bucket.send(new s3.PutObjectCommand({ Bucket, Key, Body: `of ${Key}` }));
      const { Body } = await bucket.send(new s3.GetObjectCommand({ Bucket, Key }));
      expect(await Body?.transformToString()).toBe(`of ${Key}`);
      expect(readdirSync(place).sort()).toEqual(['data', 'tls.crt', 'tls.key']);
    },
  );

  test('repositories and paths in them', async () => {
    const codecommit = new CodeCommitClient(server.client);
    for (const repositoryName of ['..', '../x', '/x', 'a/b', 'a\\b', 'a\0b', 'a b', '--help=x']) {
      await expect(
        codecommit.send(new CreateRepositoryCommand({ repositoryName })),
      ).rejects.toMatchObject({ name: 'InvalidRepositoryNameException' });
    }
    const repositoryName = 'repository';
    await codecommit.send(new CreateRepositoryCommand({ repositoryName }));
    const put = { repositoryName, branchName: 'main', fileContent: Buffer.from('x') };
    const { commitId } = await codecommit.send(new PutFileCommand({ ...put, filePath: 'good' }));
    const escapes = ['../x', 'a/../../x', '.git/hooks/post-checkout', 'a/.GIT/config', 'git~1/x'];
    for (const filePath of escapes) {
      await expect(
        codecommit.send(new PutFileCommand({ ...put, filePath, parentCommitId: commitId })),
      ).rejects.toMatchObject({ name: 'InvalidPathException' });
    }
    for (const commitSpecifier of ['--output=/tmp/x', '../../x', 'main:good', 'HEAD --all']) {
      await expect(
        codecommit.send(new GetFileCommand({ repositoryName, filePath: 'good', commitSpecifier })),
      ).rejects.toMatchObject({ name: expect.stringMatching(/^(Invalid|Commit)/) });
    }
  });
});

test('a user’s regular expression does not stop the server', async () => {
  const logs = new CloudWatchLogsClient(server.client);
  const logEventMessages = ['a'.repeat(50_000)];
  for (const filterPattern of ['%(a+)+b%', '{ $.x = %(a+)+b% }']) {
    const message = filterPattern.startsWith('{')
      ? [`{"x":"${logEventMessages}"}`]
      : logEventMessages;
    await expect(
      logs.send(new TestMetricFilterCommand({ filterPattern, logEventMessages: message })),
    ).rejects.toMatchObject({ name: 'InvalidParameterException' });
  }
});

async function makeRole(iam: IAMClient, RoleName: string): Promise<string> {
  const document = (statement: object) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
  const AssumeRolePolicyDocument = document({
    Principal: { Service: 'codebuild.amazonaws.com' },
    Action: 'sts:AssumeRole',
  });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  const PolicyDocument = document({ Action: ['logs:*', 's3:*', 'ssm:*'], Resource: '*' });
  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument }));
  return Role?.Arn ?? '';
}

describe('hostile builds', () => {
  const SECRET = 'kR3-very-secret-value';
  let codebuild: CodeBuildClient;

  beforeAll(async () => {
    codebuild = new CodeBuildClient(server.client);
    const serviceRole = await makeRole(new IAMClient(server.client), 'builder');
    const ssm = new SSMClient(server.client);
    await ssm.send(new PutParameterCommand({ Name: '/s', Value: SECRET, Type: 'SecureString' }));
    await codebuild.send(
      new CreateProjectCommand({
        name: 'hostile',
        source: { type: 'NO_SOURCE', buildspec: spec(['true']) },
        artifacts: { type: 'S3', location: Bucket, packaging: 'ZIP', name: 'out.zip' },
        environment: {
          type: 'LINUX_CONTAINER',
          image: 'none',
          computeType: 'BUILD_GENERAL1_SMALL',
          environmentVariables: [{ name: 'SECRET', value: '/s', type: 'PARAMETER_STORE' }],
        },
        serviceRole,
      }),
    );
  });

  const spec = (commands: string[], files = '**/*') =>
    JSON.stringify({
      version: '0.2',
      phases: { build: { commands } },
      artifacts: { files: [files] },
    });

  async function build(commands: string[], files?: string): Promise<Build> {
    const buildspecOverride = spec(commands, files);
    const command = new StartBuildCommand({ projectName: 'hostile', buildspecOverride });
    const id = (await codebuild.send(command)).build?.id ?? '';
    return eventually(`the end of ${id}`, async () => {
      const { builds } = await codebuild.send(new BatchGetBuildsCommand({ ids: [id] }));
      return builds?.[0]?.buildComplete && builds[0];
    });
  }

  async function logOf({ logs }: Build): Promise<string> {
    const command = new GetLogEventsCommand({
      logGroupName: logs?.groupName,
      logStreamName: logs?.streamName,
      startFromHead: true,
    });
    const { events } = await new CloudWatchLogsClient(server.client).send(command);
    return (events ?? []).map(({ message }) => message).join('');
  }

  const contexts = ({ phases }: Build) =>
    (phases ?? []).flatMap((phase) => phase.contexts?.map(({ message }) => message) ?? []).join();

  test.each([
    ['a name that is no UTF-8', "touch $(printf 'a\\377')", '**/*', /cannot be put into/],
    [
      'a pattern that would take a backtracking engine hours',
      `touch ${'a'.repeat(250)}`,
      '*a*a*a*a*a*a*a*a*a*a*b',
      /no matching artifact paths found/,
    ],
    [
      'a pattern that is a regular expression',
      `touch ${'a'.repeat(250)}`,
      '(a+)+b',
      /no matching artifact paths found/,
    ],
  ])(
    'an artifact with %s fails its build at once',
    async (_name, command, files, message) => {
      const ended = await build([command], files);
      expect(ended.buildStatus).toBe('FAILED');
      expect(contexts(ended)).toMatch(message);
      expect(contexts(ended)).not.toContain(place);
    },
    MINUTE,
  );

  test(
    'a secret shows neither in the log, whatever its pieces, nor in arguments of processes, nor in the server’s log',
    async () => {
      const half = 10;
      const seen = new Set<string>();
      const look = setInterval(() => {
        for (const args of commandLines()) seen.add(args);
      }, 20);
      const ended = await build([
        `printf %s "$(printf %s "$SECRET" | cut -c1-${half})"; sleep 1; printf '%s\\n' "$(printf %s "$SECRET" | cut -c${half + 1}-)"`,
        'echo "$AWS_SECRET_ACCESS_KEY $AWS_SESSION_TOKEN $AWS_ACCESS_KEY_ID"',
        'touch artifact',
      ]);
      clearInterval(look);
      expect(ended.buildStatus).toBe('SUCCEEDED');
      const log = await logOf(ended);
      expect(log).toMatch(/^\*\*\*$/m);
      expect(log).toMatch(/^\*\*\* \*\*\* \*\*\*$/m);
      for (const text of [log, server.log(), [...seen].join('\n'), JSON.stringify(ended)]) {
        expect(text).not.toContain(SECRET);
        expect(text).not.toContain(server.secretAccessKey);
      }
      expect(log + server.log()).not.toMatch(/ASIA[A-Z0-9]{16}/);
    },
    MINUTE,
  );

  test(
    'a build that writes to its driver’s reports without end is ended, and the server’s memory is not',
    async () => {
      const flood = 'head -c 300000000 /dev/zero >> /proc/$PPID/fd/7';
      const ended = await build([flood]);
      expect(ended.buildStatus).toBe('FAULT');
      const [, kilobytes] =
        /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8')) ?? [];
      expect(Number(kilobytes)).toBeLessThan(500_000);
    },
    MINUTE,
  );

  const noSandbox = missing('bwrap', '--version');
  test.skipIf(noSandbox)(
    `in the sandbox there is nothing of the server: data, keys, processes, other builds${noSandbox ? ` (skipped: ${noSandbox})` : ''}`,
    async () => {
      const data = server.dataDir;
      const ended = await build([
        `for each in ${data} ${place} / /proc /codebuild; do umount -l $each || mount -o remount,rw $each || true; done`,
        `echo "[$(ls -A ${data} | grep -v '^ready-')]"`,
        `cat ${data}/master.key ${data}/root.json ${data}/server.json ${data}/slipway.db ${place}/tls.key || true`,
        `echo "[$(ls ${data}/work 2>/dev/null; ls -A /run/postgresql 2>/dev/null)]"`,
        `cat ${data}/ready-* || true`,
        `cat /proc/${server.pid}/environ || echo no process`,
        `echo x > ${place}/written || echo not written`,
      ]);
      const log = await logOf(ended);
      expect(log.match(/^\[\]$/gm)).toHaveLength(2);
      expect(log).toMatch(/^no process$/m);
      expect(log).toMatch(/^not written$/m);
      expect(log).not.toContain(tlsKey.split(/\r?\n/)[1]);
      expect(log).not.toContain(server.accessKeyId);
      expect(log).not.toContain(readFileSync(join(data, 'master.key'), 'utf8').trim());
      expect(readdirSync(place).sort()).toEqual(['data', 'tls.crt', 'tls.key']);
    },
    MINUTE,
  );
});

/** Of all processes of this machine, where there is a /proc. */
function commandLines(): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    });
}
