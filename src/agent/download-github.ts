import { rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { TooLong } from '../lib/at-most.ts';
import { isRefusal, statusOf } from '../lib/refusal.ts';
import type { Patience } from './ask.ts';
import {
  isNetworkFailure,
  PATIENCE,
  receive,
  roomFor,
  TRY_FOR_MS,
  type Watch,
  watchFor,
} from './receive.ts';
import type { GitHubRevision } from './revision.ts';
import { tryAgain } from './try-again.ts';

export interface GitHubOptions {
  ca?: string | undefined;
  patience?: Partial<Patience> | undefined;
}

const API = 'https://api.github.com';
/** GitHub leads to where its archives are, once. */
const MOST_REDIRECTIONS = 5;

/** Where the archive of a commit is. Names are what a server says: each stays one segment of the path. */
export function archiveUrl(revision: GitHubRevision): URL {
  const { endpoint = API, account, repository, bundleType, commitId } = revision;
  const names = [account, repository].map((name) => {
    if (!/^[\w.-]+$/.test(name) || /^\.+$/.test(name))
      throw new Error(`${name} is no name of an account or repository of GitHub.`);
    return name;
  });
  if (!/^[\w./-]+$/.test(commitId) || commitId.split('/').some((part) => /^\.*$/.test(part)))
    throw new Error(`${commitId} is no commit of GitHub.`);
  const ball = bundleType === 'zip' ? 'zipball' : 'tarball';
  return new URL(`${endpoint.replace(/\/$/, '')}/repos/${names.join('/')}/${ball}/${commitId}`);
}

/**
 * Downloads the archive of a commit into `file`, as the official agent: the API is asked with the deployment's token, and
 * leads to the archive. That is bounded in time, and by the room on the disk. @throws Error, and there is no file then
 */
export async function downloadArchive(
  options: GitHubOptions,
  revision: GitHubRevision,
  file: string,
): Promise<void> {
  const url = archiveUrl(revision);
  try {
    await tryAgain(() => download(options, { url, token: revision.token }, file), {
      isPassing,
      forMs: TRY_FOR_MS,
    });
  } catch (error) {
    await rm(file, { force: true });
    if (statusOf(error) === undefined) throw error;
    throw new Error(
      `Could not download bundle at '${url}'. Server returned code: ${statusOf(error)}.`,
    );
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof TooLong) return false;
  const status = statusOf(error);
  return status === undefined ? isNetworkFailure(error) : status >= 400 && !isRefusal(error);
}

async function download(
  { ca, patience }: GitHubOptions,
  { url: first, token }: { url: URL; token: string | undefined },
  file: string,
): Promise<void> {
  const watch = watchFor('GitHub', { ...PATIENCE, ...patience });
  try {
    let url = first;
    for (let hops = 0; ; hops += 1) {
      // The token is for the API, not for wherever it leads.
      const its = url.origin === first.origin ? token : undefined;
      const answer = await get(url, { ca, token: its, watch });
      const { statusCode: status = 0, headers } = answer;
      if (status === 200) {
        await receive(answer, { file, most: await roomFor(file), watch });
        return;
      }
      answer.destroy();
      const { location } = headers;
      const leads = [301, 302, 303, 307, 308].includes(status) && location !== undefined;
      if (!leads || hops === MOST_REDIRECTIONS)
        throw Object.assign(new Error(`GitHub answered ${status}`), { status });
      url = next(url, location);
    }
  } catch (error) {
    throw watch.signal.aborted ? watch.signal.reason : error;
  } finally {
    watch.end();
  }
}

/** @throws Error when what was encrypted would go on in the open */
function next(from: URL, location: string): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const isKept = url?.protocol === from.protocol || url?.protocol === 'https:';
  if (!url || !isKept) throw new Error('GitHub leads to what is no archive over HTTPS.');
  return url;
}

function get(
  url: URL,
  { ca, token, watch: { signal } }: { ca?: string | undefined; token?: string; watch: Watch },
): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const headers = {
    accept: '*/*',
    'user-agent': 'slipway-agent',
    ...(token !== undefined && { authorization: `token ${token}` }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers, signal, ...(ca && { ca }) }, resolve);
    sent.once('error', reject);
    sent.end();
  });
}
