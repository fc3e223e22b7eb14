import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CodeCommitClient, CreateRepositoryCommand } from '@aws-sdk/client-codecommit';
import {
  CreateServiceSpecificCredentialCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
  UploadSSHPublicKeyCommand,
} from '@aws-sdk/client-iam';
import { gitClient } from '../src/git/testing.ts';
import type { TestServer } from './server.ts';

/** Many clients of one repository, each a git of its own, over HTTP and over SSH by turns. */
export interface Pushers {
  /** A commit that nobody has pushed. */
  commit(text: string, parent?: string): Promise<string>;
  /** Pushes as the client of that number. @returns why it was refused, or undefined */
  push(client: number, commit: string, branch: string): Promise<string | undefined>;
  /** Branches as everybody sees them. */
  tips(): Promise<Map<string, string>>;
  /** Does one commit come before another, or is it it? Of what is on the server. */
  leadsTo(ancestor: string, tip: string): Promise<boolean>;
  /** @returns what a clone is not whole in */
  check(): Promise<string>;
  end(): void;
}

/** @param overSsh where SSH is; without it all go over HTTP */
export async function pushersOf(server: TestServer, { overSsh = true } = {}): Promise<Pushers> {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-pushers-'));
  const UserName = 'pusher';
  const iam = new IAMClient(server.client);
  const codecommit = new CodeCommitClient(server.client);
  await iam.send(new CreateUserCommand({ UserName }));
  const statement = { Effect: 'Allow', Action: 'codecommit:*', Resource: '*' };
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'git', PolicyDocument }));
  const made = await codecommit.send(new CreateRepositoryCommand({ repositoryName: 'busy' }));
  const { ServiceSpecificCredential: password } = await iam.send(
    new CreateServiceSpecificCredentialCommand({
      ...{ UserName, ServiceName: 'codecommit.amazonaws.com' },
    }),
  );
  const http = new URL(`${server.endpoint}/v1/repos/busy`);
  http.username = password?.ServiceUserName ?? '';
  http.password = password?.ServicePassword ?? '';
  const env: Record<string, string> = {};
  let ssh: string | undefined;
  if (overSsh) {
    const key = join(directory, 'key');
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', key]);
    const SSHPublicKeyBody = readFileSync(`${key}.pub`, 'utf8');
    const { SSHPublicKey } = await iam.send(
      new UploadSSHPublicKeyCommand({ UserName, SSHPublicKeyBody }),
    );
    const shown = new URL(made.repositoryMetadata?.cloneUrlSsh ?? '');
    ssh = `ssh://${SSHPublicKey?.SSHPublicKeyId}@${shown.host}${shown.pathname}`;
    env.GIT_SSH_COMMAND = `ssh -F none -T -i ${key} -o IdentitiesOnly=yes -o BatchMode=yes -o LogLevel=ERROR -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null`;
  }
  iam.destroy();
  codecommit.destroy();
  const git = async (...args: string[]) => (await gitClient(directory, args, env)).stdout.trim();
  await git('init', '-q', '--bare', '.');
  const tree = await git('hash-object', '-t', 'tree', '-w', '/dev/null');
  return {
    commit: (text, parent) =>
      git('commit-tree', tree, '-m', text, ...(parent === undefined ? [] : ['-p', parent])),
    async push(client, commit, branch) {
      const url = ssh !== undefined && client % 2 === 1 ? ssh : http.href;
      const refspec = `${commit}:refs/heads/${branch}`;
      return await git('push', '-q', url, refspec).then(
        () => undefined,
        ({ stderr }: { stderr: string }) => stderr || 'it said nothing',
      );
    },
    async tips() {
      const lines = (await git('ls-remote', '--heads', http.href)).split('\n').filter(Boolean);
      return new Map(
        lines.map((line) => {
          const [id = '', name = ''] = line.split('\t');
          return [name.replace('refs/heads/', ''), id];
        }),
      );
    },
    leadsTo: (ancestor, tip) =>
      git('merge-base', '--is-ancestor', ancestor, tip).then(
        () => true,
        () => false,
      ),
    async check() {
      const clone = join(directory, 'clone.git');
      rmSync(clone, { recursive: true, force: true });
      await git('clone', '-q', '--mirror', http.href, clone);
      const { stdout } = await promisify(execFile)('git', ['-C', clone, 'fsck', '--strict']);
      return stdout.trim();
    },
    end: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** What a client may be told whose push came too late, by his own git or by the server's. */
const TOO_LATE =
  /\[rejected\]|\[remote rejected\].*(failed to update ref|cannot lock ref|fetch first|incorrect old value)/;

/** Each client pushes to a branch of its own, all at once. @returns what does not hold */
export async function toOwnBranches(pushers: Pushers, clients: number): Promise<string[]> {
  const all = Array.from({ length: clients }, (_, client) => client);
  const commits = await Promise.all(all.map((client) => pushers.commit(`of ${client}`)));
  const refused = await Promise.all(
    all.map((client) => pushers.push(client, commits[client] ?? '', `own-${client}`)),
  );
  const tips = await pushers.tips();
  return all.flatMap((client) => {
    if (refused[client] !== undefined) return [`client ${client}: ${refused[client]}`];
    const is = tips.get(`own-${client}`);
    return is === commits[client] ? [] : [`own-${client} is at ${is}, not ${commits[client]}`];
  });
}

/** All push to one branch from the same commit, again and again: one wins each time. @returns what does not hold */
export async function toOneBranch(
  pushers: Pushers,
  clients: number,
  rounds: number,
): Promise<string[]> {
  const breaches: string[] = [];
  let base = await pushers.commit('the first');
  const begun = await pushers.push(0, base, 'one');
  if (begun !== undefined) return [begun];
  for (let round = 0; round < rounds; round++) {
    const commits: string[] = [];
    for (let client = 0; client < clients; client++)
      commits.push(await pushers.commit(`${round} of ${client}`, base));
    const refused = await Promise.all(
      commits.map((commit, client) => pushers.push(client, commit, 'one')),
    );
    const winners = commits.filter((_, client) => refused[client] === undefined);
    for (const said of refused)
      if (said !== undefined && !TOO_LATE.test(said)) breaches.push(`round ${round}: ${said}`);
    const tip = (await pushers.tips()).get('one') ?? '';
    if (winners.length !== 1 || winners[0] !== tip)
      breaches.push(`round ${round}: ${winners.length} won, and the branch is at ${tip}`);
    base = tip;
  }
  return breaches;
}
