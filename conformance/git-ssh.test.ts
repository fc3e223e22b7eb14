import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  CodeCommitClient,
  CreateRepositoryCommand,
  GetBranchCommand,
} from '@aws-sdk/client-codecommit';
import {
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
  UpdateSSHPublicKeyCommand,
  UploadSSHPublicKeyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gitClient } from '../src/git/testing.ts';
import { missing } from './run.ts';
import { startServer, type TestServer } from './server.ts';
import { type Typed, words } from './words.ts';

const noSsh = missing('ssh', '-V');
const UserName = 'mary';
const repositoryName = 'app';
let server: TestServer;
let codecommit: CodeCommitClient;
let iam: IAMClient;
let work: string;
let keyId: string;
/** As the API says it, with the user name. */
let url: string;
let sshCommand: string[];

const git = async (...typed: Typed) =>
  await gitClient(work, words(...typed), { GIT_SSH_COMMAND: sshCommand.join(' ') });
const fails = async (...typed: Typed) =>
  await git(...typed).then(
    () => expect.fail('git should have failed'),
    ({ stderr }: { stderr: string }) => stderr,
  );
/** What `ssh` itself says of a command, or of none. */
const ssh = async (user: string, ...command: string[]) => {
  const [program = '', ...options] = sshCommand;
  return await promisify(execFile)(program, [...options, `${user}@127.0.0.1`, ...command]).then(
    ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
    (error: { code: number; stdout: string; stderr: string }) => error,
  );
};
const tip = async (branchName: string) =>
  (await codecommit.send(new GetBranchCommand({ repositoryName, branchName }))).branch?.commitId;

describe.skipIf(noSsh)('git over SSH', () => {
  beforeAll(async () => {
    server = await startServer();
    codecommit = new CodeCommitClient({ ...server.client, maxAttempts: 1 });
    iam = new IAMClient({ ...server.client, maxAttempts: 1 });
    work = mkdtempSync(join(tmpdir(), 'slipway-ssh-test-'));
    const key = join(work, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', key]);
    const made = await codecommit.send(new CreateRepositoryCommand({ repositoryName }));
    const shown = new URL(made.repositoryMetadata?.cloneUrlSsh ?? '');
    await iam.send(new CreateUserCommand({ UserName }));
    const SSHPublicKeyBody = readFileSync(`${key}.pub`, 'utf8');
    const { SSHPublicKey } = await iam.send(
      new UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody }),
    );
    keyId = SSHPublicKey?.SSHPublicKeyId ?? '';
    url = `ssh://${keyId}@${shown.host}${shown.pathname}`;
    const options = ['IdentitiesOnly=yes', 'BatchMode=yes', 'StrictHostKeyChecking=accept-new'];
    const hosts = `UserKnownHostsFile=${join(work, 'known_hosts')}`;
    sshCommand = ['ssh', '-F', 'none', '-T', '-p', shown.port, '-i', key];
    for (const option of [...options, hosts]) sshCommand.push('-o', option);
    await git`init -q -b main`;
    writeFileSync(join(work, 'file'), 'x');
    await git`add file`;
    await git`commit -q -m first`;
  });
  afterAll(async () => {
    codecommit?.destroy();
    iam?.destroy();
    await server?.stop();
    if (work) rmSync(work, { recursive: true, force: true });
  });

  test('CC-SSH-03: the greeting; no command, no variable and no forwarding besides git', async () => {
    const greeted = await ssh(keyId);
    expect(greeted.stdout).toContain('You have successfully authenticated over SSH.');
    expect(greeted.code).toBe(0);
    for (const command of ['id', "git-upload-pack '/v1/repos/app'; id", 'git-shell']) {
      const refused = await ssh(keyId, command);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain("No command but git's can be run here.");
    }
    expect((await ssh(keyId, "git-upload-pack '/v1/repos/../x'")).stdout).toContain('not found');
    expect((await ssh(keyId, "git-upload-pack '/etc'")).stdout).toContain('not found');
  });

  test('CC-SSH-01, CC-SSH-04, CC-GIT-10: push and clone, as far as the user’s policy goes', async () => {
    expect(await fails`push -q ${url} main`).toContain(
      'because no identity-based policy allows the codecommit:GitPush action',
    );
    const allowed = { Effect: 'Allow', Action: 'codecommit:Git*', Resource: '*' };
    const denied = {
      ...{ Effect: 'Deny', Action: 'codecommit:GitPush', Resource: '*' },
      Condition: { StringEquals: { 'codecommit:References': ['refs/heads/protected'] } },
    };
    const PolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [allowed, denied],
    });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'git', PolicyDocument }));
    await git`push -q --atomic -o ci.skip ${url} main main:refs/heads/other`;
    const head = (await git`rev-parse HEAD`).stdout.trim();
    expect(await tip('other')).toBe(head);
    const refused = await fails`push ${url} main:refs/heads/protected main:refs/heads/third`;
    expect(refused).toMatch(
      /rejected\] main -> protected \(User: .*user\/mary is not authorized .* explicit deny in an identity-based/,
    );
    expect(refused).toContain('main -> third (not pushed, since refs/heads/protected was refused)');
    await expect(tip('third')).rejects.toMatchObject({ name: 'BranchDoesNotExistException' });
    await git`push -q ${url} --delete other`;
    expect((await git`push ${url} main`).stderr).toContain('Everything up-to-date');
    for (const version of ['0', '1', '2']) {
      await git`-c protocol.version=${version} clone -q ${url} ${`copy${version}`}`;
      const cloned = await git`-C ${`copy${version}`} rev-parse HEAD`;
      expect(cloned.stdout.trim()).toBe(head);
    }
    await git`clone -q --depth 1 --filter=blob:none ${url} partial`;
    expect(readFileSync(join(work, 'partial', 'file'), 'utf8')).toBe('x');
  });

  test('CC-SSH-02: an inactive key, another key and a name that nobody has hear the same', async () => {
    const change = (Status: 'Active' | 'Inactive') =>
      iam.send(new UpdateSSHPublicKeyCommand({ UserName, SSHPublicKeyId: keyId, Status }));
    await change('Inactive');
    const denied = 'Permission denied (publickey)';
    expect(await fails`ls-remote ${url}`).toContain(denied);
    for (const user of ['APKAAAAAAAAAAAAAAAAAA', 'mary', 'root']) {
      expect((await ssh(user)).stderr).toContain(denied);
    }
    await change('Active');
    await git`ls-remote ${url}`;
  });

  test('what speaks no SSH is let go, and the server goes on', async () => {
    const port = Number(new URL(url).port);
    const socket = connect(port, '127.0.0.1');
    const ended = new Promise((resolve) => socket.on('close', resolve));
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\n\r\n'.repeat(10_000));
    socket.resume();
    await ended;
    await git`ls-remote ${url}`;
  });
});
