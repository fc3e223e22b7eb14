import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as sdk from '@aws-sdk/client-codecommit';
import { gitRemote } from '../conformance/git-remote.ts';
import { startServer } from '../conformance/server.ts';

const REPOSITORIES = 10_000;
const FILES = 2_000;
/** The best of so many. */
const ROUNDS = 20;
const AT_ONCE = 8;

/**
 * Reads of CodeCommit beside bare processes of git on the same commits, a pull request of 2,000 files, and whether ten thousand
 * repositories make the list of them, and the opening of one, any slower.
 */
export async function benchCodecommit(): Promise<string[]> {
  const server = await startServer({
    env: { SLIPWAY_QUOTAS: `codecommit/L-81790602=${2 * REPOSITORIES}` },
  });
  const directory = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
  try {
    const client = new sdk.CodeCommitClient(server.client);
    const repositoryName = 'bench';
    const bare = join(directory, 'bare.git');
    await client.send(new sdk.CreateRepositoryCommand({ repositoryName }));
    execFileSync('git', ['init', '-q', '--bare', '--initial-branch=main', bare]);
    execFileSync('git', ['-C', bare, 'fast-import', '--quiet'], { input: history() });
    const remote = gitRemote(server, repositoryName);
    execFileSync('git', ['-C', bare, 'push', '-q', remote, 'main', 'feature']);
    const [before = '', after = ''] = ['main', 'feature'].map((name) =>
      execFileSync('git', ['-C', bare, 'rev-parse', name]).toString().trim(),
    );
    const git = (...args: string[]) => execFileSync('git', ['-C', bare, ...args]);
    const commit = { repositoryName, commitId: before };
    const differences = {
      ...{ repositoryName, beforeCommitSpecifier: before, afterCommitSpecifier: after },
      MaxResults: 100,
    };
    const file = { repositoryName, filePath: 'd0/f0', commitSpecifier: after };
    const reads = [
      await beside(
        'GetCommit',
        () => client.send(new sdk.GetCommitCommand(commit)),
        () => git('cat-file', 'commit', before),
      ),
      await beside(
        'GetFile',
        () => client.send(new sdk.GetFileCommand(file)),
        () => git('cat-file', 'blob', `${after}:d0/f0`),
      ),
      await beside(
        'GetDifferences, a page of 100',
        () => client.send(new sdk.GetDifferencesCommand(differences)),
        () => git('diff-tree', '-r', before, after),
      ),
    ];
    const made = await milliseconds(async () => {
      const targets = [
        { repositoryName, sourceReference: 'feature', destinationReference: 'main' },
      ];
      await client.send(new sdk.CreatePullRequestCommand({ title: 'bench', targets }));
      for (let NextToken: string | undefined; ; ) {
        const input = { ...differences, ...(NextToken && { NextToken }) };
        ({ NextToken } = await client.send(new sdk.GetDifferencesCommand(input)));
        if (NextToken === undefined) break;
      }
    });
    const few: Record<string, number> = await opening(client, repositoryName);
    await fill(client);
    const many: Record<string, number> = await opening(client, repositoryName);
    const constant = Object.keys(few).map(
      (name) =>
        `${name}: ${few[name]?.toFixed(1)} ms where it is alone, ${many[name]?.toFixed(1)} among ${REPOSITORIES}`,
    );
    return [
      ...reads,
      `a pull request of ${FILES} files, made and all of it listed: ${made.toFixed(0)} ms (aim 1000)`,
      ...constant,
    ];
  } finally {
    await server.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

const FOLDERS = 20;

/** A branch with some files, and one with 2,000 that are otherwise. */
function history(): string {
  const commit = (branch: string, content: string, from = '') =>
    [
      `commit refs/heads/${branch}\ncommitter b <b@b> 1700000000 +0000\ndata 1\nm\n${from}`,
      ...Array.from({ length: FILES }, (_, n) => {
        const text = `${content} ${n}\n`.repeat(20);
        return `M 100644 inline d${n % FOLDERS}/f${n}\ndata ${text.length}\n${text}\n`;
      }),
    ].join('');
  return `${commit('main', 'before')}${commit('feature', 'after', 'from refs/heads/main\n')}`;
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

async function best(rounds: number, work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < rounds; round += 1) least = Math.min(least, await milliseconds(work));
  return least;
}

async function beside(
  what: string,
  call: () => Promise<unknown>,
  git: () => unknown,
): Promise<string> {
  const ours = 1000 / (await best(ROUNDS, call));
  const bare = 1000 / (await best(ROUNDS, async () => git()));
  return `${what}: ${ours.toFixed(0)} a second, a process of git each ${bare.toFixed(0)}`;
}

/** What may not take longer where there are many. */
async function opening(client: sdk.CodeCommitClient, repositoryName: string) {
  const branch = { repositoryName, branchName: 'main' };
  return {
    'a page of ListRepositories': await best(ROUNDS, () =>
      client.send(new sdk.ListRepositoriesCommand({})),
    ),
    GetRepository: await best(ROUNDS, () =>
      client.send(new sdk.GetRepositoryCommand({ repositoryName })),
    ),
    'GetBranch, which opens it': await best(ROUNDS, () =>
      client.send(new sdk.GetBranchCommand(branch)),
    ),
  };
}

async function fill(client: sdk.CodeCommitClient): Promise<void> {
  let next = 0;
  const one = async () => {
    for (let n = next++; n < REPOSITORIES; n = next++)
      await client.send(new sdk.CreateRepositoryCommand({ repositoryName: `repository-${n}` }));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}
