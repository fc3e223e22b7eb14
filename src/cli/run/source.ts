import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../demo/git.ts';
import type { GitCredentials } from '../demo/resources.ts';
import { filesOf } from './directory.ts';

/** Who pushes. */
export interface Pusher {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string | undefined;
}

/** Pushes a directory as it is, uncommitted changes and all, from a repository beside it: nothing is written into it. */
export async function push(
  directory: string,
  to: { url: string; branch: string; region: string },
  pusher: Pusher,
): Promise<void> {
  const gitDir = mkdtempSync(join(tmpdir(), 'slipway-run-git-'));
  const env = { GIT_DIR: gitDir, GIT_WORK_TREE: directory };
  try {
    await git(directory, ['init', '-q', '--bare', '-b', to.branch, gitDir]);
    await git(directory, ['config', 'core.bare', 'false'], undefined, { env });
    const input = filesOf(directory);
    const add =
      input === undefined
        ? ['add', '-A', '.']
        : ['update-index', '--add', '--remove', '-z', '--stdin'];
    await git(directory, add, undefined, { env, ...(input !== undefined && { input }) });
    const commit = ['commit', '-q', '--allow-empty', '-m', 'slipway run'];
    await git(directory, commit, undefined, { env });
    await git(directory, ['push', '-q', to.url, to.branch], signedIn(to, pusher), { env });
  } finally {
    rmSync(gitDir, { recursive: true, force: true });
  }
}

/** As `aws codecommit credential-helper` signs: Version 4 with the method GIT, and no hash of a payload. */
function signedIn(to: { url: string; region: string }, pusher: Pusher): GitCredentials {
  const { hostname, pathname } = new URL(to.url);
  const timestamp = new Date().toISOString().replace(/[-:]|\.\d+Z$/g, '');
  const scope = [timestamp.slice(0, 8), to.region, 'codecommit', 'aws4_request'];
  const request = `GIT\n${pathname}\n\nhost:${hostname}\n\nhost\n`;
  const hash = createHash('sha256').update(request).digest('hex');
  const text = ['AWS4-HMAC-SHA256', timestamp, scope.join('/'), hash].join('\n');
  const hmac = (key: string | Buffer, part: string) =>
    createHmac('sha256', key).update(part).digest();
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${pusher.secretAccessKey}`);
  const { accessKeyId, sessionToken } = pusher;
  return {
    userName: sessionToken ? `${accessKeyId}%${sessionToken}` : accessKeyId,
    password: `${timestamp}Z${hmac(key, text).toString('hex')}`,
  };
}
