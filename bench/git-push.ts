import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodeCommitClient, CreateRepositoryCommand } from '@aws-sdk/client-codecommit';
import {
  CreateServiceSpecificCredentialCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { startServer, type TestServer } from '../conformance/server.ts';

const PUSHES = 15;
const REPOSITORY = 'bench';

/** A push of one commit to CodeCommit beside one to `git daemon`, the best of some each. */
export async function benchGitPush(): Promise<string[]> {
  const server = await startServer();
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', join(directory, 'work'), ...args], {
      env: {
        ...server.env,
        GIT_AUTHOR_NAME: 'b',
        GIT_AUTHOR_EMAIL: 'b@b',
        GIT_COMMITTER_NAME: 'b',
        GIT_COMMITTER_EMAIL: 'b@b',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  mkdirSync(join(directory, 'work'));
  mkdirSync(join(directory, 'served'));
  git('init', '--quiet', '--initial-branch=main');
  git('init', '--quiet', '--bare', join(directory, 'served', REPOSITORY));
  const daemon = await startDaemon(join(directory, 'served'));
  const remotes = {
    daemon: `git://127.0.0.1:${daemon.port}/${REPOSITORY}`,
    slipway: await remoteOf(server),
  };
  const best = { daemon: Infinity, slipway: Infinity };
  for (let round = 0; round < PUSHES; round += 1) {
    git('commit', '--quiet', '--allow-empty', '--message', `${round}`);
    for (const name of ['daemon', 'slipway'] as const) {
      const started = performance.now();
      git('push', '--quiet', remotes[name], 'main');
      best[name] = Math.min(best[name], performance.now() - started);
    }
  }
  daemon.stop();
  await server.stop();
  rmSync(directory, { recursive: true });
  return [
    `git push of a commit: ${best.slipway.toFixed(0)} ms, git daemon ${best.daemon.toFixed(0)} ms, ratio ${(best.daemon / best.slipway).toFixed(2)} (aim 0.90)`,
  ];
}

/** A new repository and its URL, with the credentials of somebody who may do all. */
export async function remoteOf(server: TestServer): Promise<string> {
  return (await remotesOf(server))(REPOSITORY);
}

/** @returns what makes a repository of that name, and gives its URL */
export async function remotesOf(server: TestServer): Promise<(name: string) => Promise<string>> {
  const iam = new IAMClient(server.client);
  const UserName = 'bench';
  await iam.send(new CreateUserCommand({ UserName }));
  const all = { Effect: 'Allow', Action: 'codecommit:*', Resource: '*' };
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [all] });
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'all', PolicyDocument }));
  const { ServiceSpecificCredential: credential } = await iam.send(
    new CreateServiceSpecificCredentialCommand({
      UserName,
      ServiceName: 'codecommit.amazonaws.com',
    }),
  );
  return async (repositoryName) => {
    await new CodeCommitClient(server.client).send(new CreateRepositoryCommand({ repositoryName }));
    const url = new URL(`/v1/repos/${repositoryName}`, server.endpoint);
    url.username = credential?.ServiceUserName ?? '';
    url.password = encodeURIComponent(credential?.ServicePassword ?? '');
    return url.href;
  };
}

export async function startDaemon(root: string): Promise<{ port: number; stop(): void }> {
  const port = await freePort();
  const child = spawn(
    'git',
    [
      'daemon',
      '--export-all',
      '--enable=receive-pack',
      `--base-path=${root}`,
      `--port=${port}`,
      '--listen=127.0.0.1',
      '--verbose',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  // It says so when it listens.
  await Promise.race([once(child.stderr, 'data'), sleep(5000)]);
  return { port, stop: () => void child.kill() };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}
