import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CodeCommitClient,
  CreateRepositoryCommand,
  GetBranchCommand,
  GetRepositoryCommand,
} from '@aws-sdk/client-codecommit';
import {
  CreateServiceSpecificCredentialCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { gitSignature } from '../src/aws/auth/git-signature.ts';
import { gitClient } from '../src/git/testing.ts';
import { missing } from './run.ts';
import { startServer, type TestServer } from './server.ts';
import { type Typed, words } from './words.ts';

let server: TestServer;
let client: CodeCommitClient;
let repositoryName: string;
let work: string;
let count = 0;

beforeAll(async () => {
  server = await startServer();
  client = new CodeCommitClient({ ...server.client, maxAttempts: 1 });
});
afterAll(async () => {
  client?.destroy();
  await server?.stop();
});
beforeEach(async () => {
  repositoryName = `Repo-${++count}`;
  await client.send(new CreateRepositoryCommand({ repositoryName }));
  work = mkdtempSync(join(tmpdir(), 'slipway-git-test-'));
  await git`init -q -b main`;
  await commit('first');
  return () => rmSync(work, { recursive: true, force: true });
});

const gitEnv = () => server.env as Record<string, string>;
const git = async (...typed: Typed) =>
  (await gitClient(work, words(...typed), gitEnv())).stdout.trim();
/** What git says to a command that has to fail. */
const fails = async (...typed: Typed) =>
  await gitClient(work, words(...typed), gitEnv()).then(
    () => expect.fail(`git ${words(...typed).join(' ')} should have failed`),
    (error: { stderr: string }) => error.stderr,
  );

async function commit(message: string): Promise<string> {
  writeFileSync(join(work, message), message);
  await git`add -A`;
  await git`commit -q -m ${message}`;
  return await git`rev-parse HEAD`;
}

/** Credentials as `aws codecommit credential-helper` makes them, at `time`. */
function helperCredentials(name = repositoryName, time = new Date()): [string, string] {
  const timestamp = time.toISOString().replace(/[-:]|\.\d+Z/g, '');
  const { accessKeyId, secretAccessKey, region } = server;
  const what = { timestamp, region, host: '127.0.0.1', path: `/v1/repos/${name}` };
  return [accessKeyId, `${timestamp}Z${gitSignature(accessKeyId, secretAccessKey, what)}`];
}

/** The repository's URL with credentials in it. */
function urlFor([user, password]: [string, string], name = repositoryName): string {
  const url = new URL(`${server.endpoint}/v1/repos/${name}`);
  url.username = encodeURIComponent(user);
  url.password = encodeURIComponent(password);
  return url.href;
}

const tip = async (branchName: string) =>
  (await client.send(new GetBranchCommand({ repositoryName, branchName }))).branch?.commitId;

describe('a push', () => {
  test('CC-GIT-01, CC-DEF-02: makes the branch and the default branch, which a clone checks out', async () => {
    const url = urlFor(helperCredentials());
    await git`push -q ${url} HEAD:refs/heads/develop`;
    expect(await tip('develop')).toBe(await git`rev-parse HEAD`);
    const { repositoryMetadata } = await client.send(new GetRepositoryCommand({ repositoryName }));
    expect(repositoryMetadata?.defaultBranch).toBe('develop');
    await git`clone -q --depth 1 ${url} copy`;
    expect(await git`-C copy symbolic-ref HEAD`).toBe('refs/heads/develop');
    await git`clone -q --filter=blob:none ${url} partial`;
  });

  test('is counted as a call is, and so is what is refused', async () => {
    await git`push -q ${urlFor(helperCredentials())} main`;
    const refused = await fetch(`${server.endpoint}/v1/repos/a/info/refs?service=git-upload-pack`);
    expect(refused.status).toBe(401);
    const metrics = await (await fetch(`${server.endpoint}/_slipway/metrics`)).text();
    const counted = (operation: string, status: number) =>
      `slipway_calls_total{api="codecommit",operation="${operation}",status="${status}"}`;
    expect(metrics).toContain(counted('GitPush', 200));
    expect(metrics).toContain(counted('GitPull', 401));
  });

  test('CC-DEF-03: does not delete the default branch', async () => {
    const url = urlFor(helperCredentials());
    await git`push -q ${url} main HEAD:refs/heads/other`;
    expect(await fails`push -q ${url} --delete main`).toContain('refusing to delete');
    await git`push -q ${url} --delete other`;
    await expect(tip('other')).rejects.toMatchObject({ name: 'BranchDoesNotExistException' });
  });

  test('survives kill -9 right after it was accepted, with its announcement', async () => {
    await git`push -q ${urlFor(helperCredentials())} main`;
    await server.kill();
    await server.restart();
    expect(await tip('main')).toBe(await git`rev-parse HEAD`);
    const { repositoryMetadata } = await client.send(new GetRepositoryCommand({ repositoryName }));
    expect(repositoryMetadata?.defaultBranch).toBe('main');
    const later = await commit('later');
    await git`push -q ${urlFor(helperCredentials())} main`;
    expect(await tip('main')).toBe(later);
  });

  test('CC-GIT-07: of more than 4,000 references is refused', async () => {
    const head = await git`rev-parse HEAD`;
    const lines = Array.from({ length: 4001 }, (_, i) => `${head} refs/heads/b${i}\n`);
    writeFileSync(join(work, '.git', 'packed-refs'), lines.join(''));
    const said = await fails`push -q --all ${urlFor(helperCredentials())}`;
    expect(said).toContain('b4000 (A push may change 4000 references at most.)');
  });
});

describe('CC-GIT-02, CC-GIT-03: credentials', () => {
  const status = async (path: string, authorization?: [string, string]) => {
    const headers = authorization && {
      authorization: `Basic ${Buffer.from(authorization.join(':')).toString('base64')}`,
    };
    return await fetch(`${server.endpoint}/v1/repos/${path}`, { headers: headers ?? {} });
  };
  const refs = (name: string) => `${name}/info/refs?service=git-upload-pack`;

  test('none: 401, so that git asks its helper', async () => {
    const response = await status(refs(repositoryName));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic/);
  });

  test('wrong, old or for another repository: 403', async () => {
    const [user, password] = helperCredentials();
    const old = helperCredentials(repositoryName, new Date(Date.now() - 16 * 60_000));
    for (const bad of [[user, 'x'], ['nobody', password], old, helperCredentials('Other')]) {
      expect((await status(refs(repositoryName), bad as [string, string])).status).toBe(403);
    }
  });

  test('right, but no such repository: 404', async () => {
    expect((await status(refs('Nothing'), helperCredentials('Nothing'))).status).toBe(404);
  });

  test.each([
    `..%2f..%2fetc/info/refs?service=git-upload-pack`,
    `${'Repo-1'}/info/refs?service=--upload-pack=touch`,
    `${'Repo-1'}/info/refs`,
    `${'Repo-1'}/../../x/info/refs?service=git-upload-pack`,
    `${'Repo-1'}/objects/info/packs`,
    `${'Repo-1'}/HEAD`,
    'Repo-1/config',
    '',
  ])('hostile or dumb: %j is a 4xx', async (path) => {
    const answer = await rawStatus(`/v1/repos/${path}`);
    expect(answer).toBeGreaterThanOrEqual(400);
    expect(answer).toBeLessThan(500);
  });

  /** The status for a path that is sent as it stands: fetch would tidy it up. */
  function rawStatus(path: string): Promise<number> {
    const { hostname, port } = new URL(server.endpoint);
    return new Promise((resolve, reject) => {
      request({ hostname, port, path }, (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });
  }

  const noAws = missing('aws');
  test.skipIf(noAws)('CC-GIT-04: aws codecommit credential-helper', async () => {
    // As the README says it.
    const helper =
      '!f() { test "$1" != get || aws codecommit credential-helper --ignore-host-check get; }; f';
    const config = ['-c', `credential.helper=${helper}`, '-c', 'credential.UseHttpPath=true'];
    const url = `${server.endpoint}/v1/repos/${repositoryName}`;
    await git`${config} push -q ${url} main`;
    await git`${config} clone -q ${url} copy`;
    expect(await git`-C copy rev-parse HEAD`).toBe(await tip('main'));
  });

  test('CC-GIT-03, CC-GIT-10, CC-SEC-03: IAM git credentials, as far as the user’s policy goes', async () => {
    const iam = new IAMClient(server.client);
    const UserName = `git-user-${count}`;
    await iam.send(new CreateUserCommand({ UserName }));
    const { ServiceSpecificCredential: credential } = await iam.send(
      new CreateServiceSpecificCredentialCommand({
        UserName,
        ServiceName: 'codecommit.amazonaws.com',
      }),
    );
    const url = urlFor([credential?.ServiceUserName ?? '', credential?.ServicePassword ?? '']);
    expect(await fails`push -q ${url} main`).toContain('403');
    const Resource = `arn:aws:codecommit:${server.region}:${server.accountId}:${repositoryName}`;
    const denied = {
      Effect: 'Deny',
      Action: 'codecommit:GitPush',
      Resource,
      Condition: {
        StringEqualsIfExists: { 'codecommit:References': ['refs/heads/protected'] },
        Null: { 'codecommit:References': 'false' },
      },
    };
    const allowed = {
      Effect: 'Allow',
      Action: ['codecommit:GitPull', 'codecommit:GitPush'],
      Resource,
    };
    await iam.send(
      new PutUserPolicyCommand({
        UserName,
        PolicyName: 'git',
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [allowed, denied] }),
      }),
    );
    await git`push -q ${url} main`;
    expect(await fails`push -q ${url} HEAD:refs/heads/protected`).toMatch(
      /remote rejected\] HEAD -> protected \(User: .* codecommit:GitPush .* an explicit deny in an identity-based policy\)/,
    );
    await git`clone -q ${url} copy`;
    iam.destroy();
  });
});

test('relaxed: nobody has to sign in, and a 12-digit user name is an account', async () => {
  const relaxed = await startServer({ flags: ['--auth', 'relaxed'] });
  try {
    const other = new CodeCommitClient({
      ...relaxed.client,
      credentials: { accessKeyId: '222222222222', secretAccessKey: 'x' },
    });
    await other.send(new CreateRepositoryCommand({ repositoryName: 'Theirs' }));
    const mine = new CodeCommitClient({
      ...relaxed.client,
      credentials: { accessKeyId: relaxed.accountId, secretAccessKey: 'x' },
    });
    await mine.send(new CreateRepositoryCommand({ repositoryName: 'Mine' }));
    await git`push -q ${relaxed.endpoint}/v1/repos/Mine main`;
    const theirs = new URL(`${relaxed.endpoint}/v1/repos/Theirs`);
    theirs.username = '222222222222';
    theirs.password = 'x';
    await git`push -q ${theirs.href} main`;
    await fails`ls-remote ${relaxed.endpoint}/v1/repos/Theirs`;
    other.destroy();
    mine.destroy();
  } finally {
    await relaxed.stop();
  }
});
