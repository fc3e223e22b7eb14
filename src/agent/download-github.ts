import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { statusOf } from '../lib/refusal.ts';
import type { Patience } from './ask.ts';
import { bringInto, receive, roomFor, type Watch } from './receive.ts';
import type { GitHubRevision } from './revision.ts';

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
  { ca, patience }: GitHubOptions,
  revision: GitHubRevision,
  file: string,
): Promise<void> {
  const url = archiveUrl(revision);
  try {
    await bringInto(file, { whom: 'GitHub', patience }, async (watch) => {
      const most = await roomFor(file);
      const answer = await follow(url, { ca, token: revision.token, watch });
      await receive(answer, { file, most, watch });
    });
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
    throw new Error(
      `Could not download bundle at '${url}'. Server returned code: ${statusOf(error)}.`,
    );
  }
}

interface Asking {
  ca: string | undefined;
  token: string | undefined;
  watch: Watch;
}

/** @returns the archive to which the address leads @throws Error */
async function follow(first: URL, { token, ...asking }: Asking): Promise<IncomingMessage> {
  let url = first;
  for (let hops = 0; ; hops += 1) {
    // The token is for the API, not for wherever it leads.
    const its = url.origin === first.origin ? token : undefined;
    const answer = await get(url, { ...asking, token: its });
    const { statusCode: status = 0, headers } = answer;
    if (status === 200) return answer;
    answer.destroy();
    const { location } = headers;
    const leads = [301, 302, 303, 307, 308].includes(status) && location !== undefined;
    if (!leads || hops === MOST_REDIRECTIONS)
      throw Object.assign(new Error(`GitHub answered ${status}`), { status });
    url = next(url, location);
  }
}

/** @throws Error when what was encrypted would go on in the open */
function next(from: URL, location: string): URL {
  const url = URL.canParse(location, from.href) ? new URL(location, from) : undefined;
  const isKept = url?.protocol === from.protocol || url?.protocol === 'https:';
  if (!url || !isKept) throw new Error('GitHub leads to what is no archive over HTTPS.');
  return url;
}

function get(url: URL, { ca, token, watch: { signal } }: Asking): Promise<IncomingMessage> {
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
