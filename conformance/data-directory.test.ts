import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  BatchGetBuildsCommand,
  CodeBuildClient,
  CreateProjectCommand,
  StartBuildCommand,
} from '@aws-sdk/client-codebuild';
import { CodeCommitClient, CreateRepositoryCommand } from '@aws-sdk/client-codecommit';
import {
  CodeDeployClient,
  CreateApplicationCommand,
  RegisterApplicationRevisionCommand,
} from '@aws-sdk/client-codedeploy';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addAccount } from '../src/lib/accounts.ts';
import { serverCertificate } from '../src/lib/certificates.ts';
import { eventually } from './eventually.ts';
import { startServer, type TestServer } from './server.ts';

const root = join(import.meta.dirname, '..');

/** A start that must fail. */
function start(
  dataDir: string,
  flags: string[] = [],
  env: Record<string, string> = {},
): {
  status: number | null;
  stdout: string;
  stderr: string;
} {
  return spawnSync(
    process.execPath,
    ['src/main.ts', 'up', '--port', '0', '--data', dataDir, '--executor', 'process', ...flags],
    { cwd: root, encoding: 'utf8', timeout: 30_000, env: { ...process.env, ...env } },
  );
}

const filesBelow = (directory: string) =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('a data directory that cannot be used', () => {
  let server: TestServer;
  const dataDir = mkdtempSync(join(tmpdir(), 'slipway-data-'));
  const key = join(dataDir, 'master.key');
  let kept: string;

  beforeAll(async () => {
    server = await startServer({ dataDir });
    await new SecretsManagerClient(server.client).send(
      new CreateSecretCommand({ Name: 'kept', SecretString: 'still here' }),
    );
    kept = readFileSync(key, 'utf8');
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  /** A start says `sentence` alone, exits with 1, and changes neither keys nor database. */
  function refused(sentence: string): void {
    const before = existsSync(key) && readFileSync(key, 'utf8');
    const { status, stdout, stderr } = start(dataDir);
    expect(stderr.split('\n').slice(1)).toEqual(['']);
    expect(stderr).toContain(sentence);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(existsSync(key) && readFileSync(key, 'utf8')).toBe(before);
  }

  it('is in use by another server', () => refused(`Another server uses ${dataDir}.`));

  it.each([
    [
      'missing',
      undefined,
      `${key} is missing, and ${join(dataDir, 'slipway.db')} is sealed with it`,
    ],
    ['empty', '', `${key} is empty`],
    ['cut off', 'abcdef', `${key} is damaged`],
    ['no text', '\0\xff'.repeat(32), `${key} is damaged`],
    ['another', '0'.repeat(64), `${key} is not the key that the database is sealed with`],
  ])('has a key that is %s', async (_name, text, sentence) => {
    await server.kill();
    rmSync(key);
    if (text !== undefined) writeFileSync(key, text, { mode: 0o600 });
    refused(sentence);
    writeFileSync(key, kept, { mode: 0o600 });
    await server.restart();
    const { SecretString } = await new SecretsManagerClient(server.client).send(
      new GetSecretValueCommand({ SecretId: 'kept' }),
    );
    expect(SecretString).toBe('still here');
  });

  it('has a damaged root key', async () => {
    await server.kill();
    const file = join(dataDir, 'root.json');
    const before = readFileSync(file);
    writeFileSync(file, '{"accessKeyId":');
    refused(`${file} is damaged`);
    writeFileSync(file, before);
    await server.restart();
  });

  it('is of a newer version', async () => {
    await server.kill();
    const database = new DatabaseSync(join(dataDir, 'slipway.db'));
    const step = "'codebuild/9999-from-the-future'";
    database.exec(`insert into slipway_migration values (${step}, '2030-01-01T00:00:00.000Z')`);
    refused('The database is of a newer version of Slipway (codebuild/9999-from-the-future)');
    database.exec(`delete from slipway_migration where name = ${step}`);
    database.close();
    await server.restart();
  });

  it('is a file, or its database is none', async () => {
    const file = join(dataDir, 'file');
    writeFileSync(file, '');
    expect(start(file).stderr).toBe(`slipway: ${file}: a file is where a directory should be.\n`);
    const other = join(dataDir, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'slipway.db'), 'This is no database at all. '.repeat(100));
    const { status, stderr } = start(other);
    expect(stderr).toMatch(/^slipway: \S+slipway\.db is damaged: file is not a database\.\n$/);
    expect(status).toBe(1);
  });
});

describe('a data directory with a directory in the place of a file', () => {
  it.each([
    ...['master.key', 'root.json', 'accounts/222222222222.json', 'ca.key', 'ca.pem'],
    ...['slipway.db', 'server.lock', 'server.json'],
  ])('%s: one sentence names it', (name) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'slipway-file-'));
    const file = join(dataDir, name);
    mkdirSync(file, { recursive: true });
    const { status, stdout, stderr } = start(dataDir);
    expect({ status, stdout, stderr }).toEqual({
      ...{ status: 1, stdout: '' },
      stderr: `slipway: ${file}: a directory is where a file should be.\n`,
    });
    rmSync(dataDir, { recursive: true });
  });
});

describe('a start that is refused in one sentence', () => {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-refused-'));
  const dataDir = join(directory, 'data');
  const file = (name: string) => join(directory, name);
  afterAll(() => rmSync(directory, { recursive: true }));

  function refused(code: number, sentence: string, flags: string[], data = dataDir): void {
    const { status, stdout, stderr } = start(data, flags);
    expect({ status, stdout, stderr }).toEqual({
      ...{ status: code, stdout: '' },
      stderr: `slipway: ${sentence}\n`,
    });
    expect(existsSync(data)).toBe(false);
  }

  it('with certificates that are none', () => {
    const { cert, key } = serverCertificate(directory, ['localhost']);
    writeFileSync(file('cert.pem'), cert);
    writeFileSync(file('key.pem'), key);
    writeFileSync(file('damaged.pem'), cert.replace(/[a-z]/g, 'x'));
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    writeFileSync(file('other.pem'), other.export({ type: 'pkcs8', format: 'pem' }));
    const pair = (one: string, two: string) => ['--tls-cert', file(one), '--tls-key', file(two)];
    const together = '--tls-cert and --tls-key go together: a certificate and its key.';
    refused(2, together, ['--tls-cert', file('cert.pem')]);
    refused(2, together, ['--tls-key', file('key.pem')]);
    refused(
      1,
      `--tls-cert ${file('none.pem')} cannot be read: no such file or directory.`,
      pair('none.pem', 'key.pem'),
    );
    for (const [flags, what] of [
      [pair('damaged.pem', 'key.pem'), `--tls-cert ${file('damaged.pem')} is no certificate`],
      [pair('cert.pem', 'cert.pem'), `--tls-key ${file('cert.pem')} is no key`],
      [pair('cert.pem', 'other.pem'), `--tls-key ${file('other.pem')} is not the key of`],
    ] as const) {
      const { status, stdout, stderr } = start(dataDir, flags);
      expect(stderr).toContain(`slipway: ${what}`);
      expect([status, stdout, stderr.split('\n').length]).toEqual([1, '', 2]);
    }
    expect(existsSync(dataDir)).toBe(false);
  });

  it('on a port that is in use, and makes no data directory', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const sentence = `127.0.0.1:${port} is in use by another program; --port takes another one.`;
    refused(1, sentence, ['--port', `${port}`]);
    server.close();
  });

  it.each([
    ['without a sandbox', ['--host', '0.0.0.0'], { PATH: directory }, 2, /Builds run without a s/],
    [
      'without Docker',
      ['--executor', 'docker'],
      { DOCKER_HOST: 'tcp://127.0.0.1:1' },
      1,
      /The docker executor cannot be used here/,
    ],
    [
      'without its database',
      ['--database', 'postgres://user:password@127.0.0.1:1/name'],
      {},
      1,
      /Nothing answers at 127\.0\.0\.1:1/,
    ],
    ['with half a key', [], { SLIPWAY_ROOT_ACCESS_KEY_ID: 'AKIA' }, 1, /must be set together/],
  ])('%s, and leaves no data directory', (_what, flags, env, code, sentence) => {
    const { status, stdout, stderr } = start(dataDir, flags, env as Record<string, string>);
    expect(stderr.split('\n')).toEqual([expect.stringMatching(sentence), '']);
    expect({ status, stdout }).toEqual({ status: code, stdout: '' });
    expect(existsSync(dataDir)).toBe(false);
  });

  it('where the system makes no directories', () => {
    refused(1, '/proc/slipway: no directory can be made there.', [], '/proc/slipway/data');
  });

  it('by flags that make no sense', () => {
    const nowhere = file('nowhere/ready.json');
    refused(1, `--ready-file ${nowhere} cannot be written: no such file or directory.`, [
      '--ready-file',
      nowhere,
    ]);
    refused(
      2,
      '--log-level must be one of trace, debug, info, warn, error, fatal, silent, not foo.',
      ['--log-level', 'foo'],
    );
    refused(2, '--database must be postgres://…, or not given for SQLite.', [
      '--database',
      'mysql://user:password@host/name',
    ]);
    const { status, stderr } = start(dataDir, ['--quotas', 'codebuild/L-XXX=9']);
    expect(stderr).toMatch(
      /^slipway: --quotas names codebuild\/L-XXX, which is no quota here\. There are: .*\n$/,
    );
    expect(status).toBe(2);
    expect(existsSync(dataDir)).toBe(false);
  });
});

describe('a data directory that was there before', () => {
  it('with whatever mode: what the server keeps is its own user’s alone', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'slipway-modes-'));
    chmodSync(dataDir, 0o777);
    for (const name of ['blobs', 'repositories', 'work', 'tmp']) {
      mkdirSync(join(dataDir, name));
      chmodSync(join(dataDir, name), 0o777);
    }
    for (const name of ['slipway.db', 'slipway.db.lock', 'server.lock']) {
      writeFileSync(join(dataDir, name), '', { mode: 0o666 });
      chmodSync(join(dataDir, name), 0o666);
    }
    const server = await startServer({ dataDir });
    try {
      await new CodeCommitClient(server.client).send(
        new CreateRepositoryCommand({ repositoryName: 'app' }),
      );
      const open = readdirSync(dataDir).filter((name) => {
        const { mode } = statSync(join(dataDir, name));
        // The certificate of the CA is for everybody.
        return (mode & 0o066) !== 0 && name !== 'ca.pem';
      });
      expect(open).toEqual([]);
    } finally {
      await server.stop();
      rmSync(dataDir, { recursive: true });
    }
  });

  it('with keys that came from a backup: they are nobody else’s to read', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'slipway-keys-'));
    try {
      await (await startServer({ dataDir })).stop();
      addAccount(dataDir, '222222222222');
      const keys = ['master.key', 'root.json', 'ca.key', 'accounts/222222222222.json'];
      for (const name of [...keys, 'accounts']) chmodSync(join(dataDir, name), 0o777);
      await (await startServer({ dataDir })).stop();
      const modes = keys.map((name) => (statSync(join(dataDir, name)).mode & 0o066).toString(8));
      expect(modes).toEqual(['0', '0', '0', '0']);
    } finally {
      rmSync(dataDir, { recursive: true });
    }
  });
});

describe('data at rest', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server?.stop());

  it('nothing that a user put in is found in the data directory', { timeout: 60_000 }, async () => {
    const words: string[] = [];
    const word = (about: string) => {
      words.push(`canary-${about}-zq`);
      return `canary-${about}-zq`;
    };
    await putWords(server, word);
    await server.kill();
    const found = filesBelow(server.dataDir).flatMap((file) => {
      const bytes = readFileSync(file);
      return words
        .filter((text) => bytes.includes(text))
        .map((text) => `${text} in ${relative(server.dataDir, file)}`);
    });
    expect(found).toEqual([]);
    await server.restart();
  });
});

/** Puts a word of its own into everything that is content, and runs a build that has some. */
async function putWords(server: TestServer, word: (about: string) => string): Promise<void> {
  const { client } = server;
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'artifacts' }));
  await s3.send(
    new PutObjectCommand({
      ...{ Bucket: 'artifacts', Key: 'object', Body: word('object') },
      ...{ Metadata: { word: word('metadata') }, Tagging: `a=${word('object-tag')}` },
    }),
  );
  const iam = new IAMClient(client);
  const trust = {
    Version: '2012-10-17',
    Statement: [
      {
        ...{ Sid: 'Trust', Effect: 'Allow', Action: 'sts:AssumeRole' },
        Principal: { Service: 'codebuild.amazonaws.com' },
      },
    ],
  };
  const { Role } = await iam.send(
    new CreateRoleCommand({
      ...{ RoleName: 'builder', Description: word('role') },
      AssumeRolePolicyDocument: JSON.stringify(trust),
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      ...{ RoleName: 'builder', PolicyName: 'build' },
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Action: '*', Resource: '*' },
          { Effect: 'Deny', Action: 's3:*', Resource: `arn:aws:s3:::${word('policy')}` },
        ],
      }),
    }),
  );
  await new KMSClient(client).send(new CreateKeyCommand({ Description: word('key') }));
  const ssm = new SSMClient(client);
  const parameter = { Name: '/plain', Type: 'String', Value: word('parameter') } as const;
  await ssm.send(new PutParameterCommand({ ...parameter, Description: word('parameter-text') }));
  const secure = { Name: '/secure', Type: 'SecureString', Value: word('secure') } as const;
  await ssm.send(new PutParameterCommand(secure));
  const secrets = new SecretsManagerClient(client);
  await secrets.send(
    new CreateSecretCommand({
      ...{ Name: 'secret', SecretString: word('secret'), Description: word('secret-text') },
      Tags: [{ Key: word('secret-tag-name'), Value: word('secret-tag') }],
    }),
  );
  await secrets.send(
    new PutSecretValueCommand({
      ...{ SecretId: 'secret', SecretString: word('secret-version') },
      VersionStages: [word('staging-label')],
    }),
  );
  await new CodeCommitClient(client).send(
    new CreateRepositoryCommand({
      ...{ repositoryName: 'app', repositoryDescription: word('repository') },
      tags: { a: word('repository-tag') },
    }),
  );
  const codedeploy = new CodeDeployClient(client);
  await codedeploy.send(new CreateApplicationCommand({ applicationName: 'app' }));
  await codedeploy.send(
    new RegisterApplicationRevisionCommand({
      ...{ applicationName: 'app', description: word('revision') },
      revision: {
        revisionType: 'S3',
        s3Location: { bucket: 'artifacts', key: 'app.zip', bundleType: 'zip' },
      },
    }),
  );
  await buildWithWords(client, Role?.Arn ?? '', word);
}

async function buildWithWords(
  client: TestServer['client'],
  serviceRole: string,
  word: (about: string) => string,
): Promise<void> {
  const codebuild = new CodeBuildClient(client);
  const buildspec = {
    version: 0.2,
    env: { variables: { SPEC: word('buildspec') }, 'parameter-store': { PARAMETER: '/secure' } },
    phases: { build: { commands: [`echo ${word('artifact')} > artifact; test -n "$PARAMETER"`] } },
    artifacts: { files: ['artifact'] },
  };
  const variable = (name: string, value: string) => ({ name, value });
  await codebuild.send(
    new CreateProjectCommand({
      ...{ name: 'app', serviceRole, description: word('project') },
      source: { type: 'NO_SOURCE', buildspec: JSON.stringify(buildspec) },
      artifacts: { type: 'S3', location: 'artifacts', packaging: 'ZIP', name: 'out.zip' },
      environment: {
        ...{ type: 'LINUX_CONTAINER', image: 'alpine', computeType: 'BUILD_GENERAL1_SMALL' },
        environmentVariables: [variable('PROJECT', word('project-variable'))],
      },
      logsConfig: { cloudWatchLogs: { status: 'DISABLED' } },
    }),
  );
  const started = await codebuild.send(
    new StartBuildCommand({
      projectName: 'app',
      environmentVariablesOverride: [variable('BUILD', word('build-variable'))],
    }),
  );
  const ids = [started.build?.id ?? ''];
  await eventually('the build', async () => {
    const { builds } = await codebuild.send(new BatchGetBuildsCommand({ ids }));
    if (builds?.[0]?.buildStatus === 'FAILED') throw new Error(JSON.stringify(builds[0].phases));
    return builds?.[0]?.buildComplete === true;
  });
}
