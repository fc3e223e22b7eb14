import { randomUUID } from 'node:crypto';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { globalConditions } from '../../../aws/authorize.ts';
import type { WireRequest, WireResponse } from '../../../aws/http.ts';
import type { TransportService } from '../../../git/git-host.ts';
import { MalformedPushError, type PushCommand, peekPushCommands } from '../../../git/pkt-line.ts';
import { outageOf } from '../../../lib/outage.ts';
import type { Platform, Route } from '../../service.ts';
import { limits } from '../limits.ts';
import { isRepositoryName } from '../model/names.ts';
import { alignHead, announceReferences, beginChange } from '../references.ts';
import { findByName, type RepositoryKey, type RepositoryRecord, repositoryArn } from '../store.ts';
import { identifyCaller, regionOfHost } from './caller.ts';
import type { GitCaller } from './credentials.ts';
import { errorResponse, GitHttpError } from './errors.ts';

/** Git's smart HTTP at `/v1/repos/NAME`, as CodeCommit serves it (CC-GIT-01). */

const ROOT = '/v1/repos/';

interface GitRequest {
  /** Path of the repository as git's credentials are asked for it. */
  repositoryPath: string;
  name: string;
  service: TransportService;
  exchange: 'advertise' | 'rpc';
}

/** @throws GitHttpError for what is no request of a smart client */
function parseRequest(request: WireRequest): GitRequest {
  const match = /^(\/v1\/repos\/([^/]+))\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(
    request.path,
  );
  const [, repositoryPath = '', name = '', what = ''] = match ?? [];
  if (!isRepositoryName(name)) throw new GitHttpError(404, 'Repository not found.');
  if (what !== 'info/refs') {
    if (request.method !== 'POST') throw new GitHttpError(405, 'POST is required.');
    // A web page of another site could send any type that a form has, but not this one.
    const type = `application/x-${what}-request`;
    if (request.headers['content-type'] !== type)
      throw new GitHttpError(415, `The content type ${type} is required.`);
    return { repositoryPath, name, service: what as TransportService, exchange: 'rpc' };
  }
  if (request.method !== 'GET') throw new GitHttpError(405, 'GET is required.');
  const service = new URLSearchParams(request.query).get('service');
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack') {
    throw new GitHttpError(400, 'Only the smart HTTP protocol is served: please upgrade git.');
  }
  return { repositoryPath, name, service, exchange: 'advertise' };
}

/**
 * The repository that a name means: the path has no region, so it is the one that the signature or the host
 * names, then the server's own, then, for credentials that know no region, the only one that has it.
 */
function locate(
  { principal, region }: GitCaller,
  named: RepositoryRecord[],
  usualRegion: string,
): RepositoryRecord | undefined {
  const own = named.filter(({ accountId }) => accountId === principal.accountId);
  const record = own.find((one) => one.region === (region ?? usualRegion));
  return record ?? (region === undefined && own.length === 1 ? own[0] : undefined);
}

/** CC-GIT-10. @param references what a push changes, once it is known */
async function authorize(
  platform: Platform,
  caller: GitCaller,
  key: RepositoryKey,
  service: TransportService,
  request: WireRequest,
  references: string[],
): Promise<void> {
  const { principal } = caller;
  const facts = {
    principal,
    region: key.region,
    endpoint: request.endpoint,
    sourceIp: request.remoteAddress,
    userAgent: request.headers['user-agent'] ?? '',
  };
  const decision = await platform.authorizer.decide({
    principal,
    action: service === 'git-upload-pack' ? 'codecommit:GitPull' : 'codecommit:GitPush',
    resources: [repositoryArn(key)],
    conditions: {
      ...globalConditions(facts),
      ...(references.length > 0 && { 'codecommit:references': references }),
    },
  });
  if (!decision.allowed) throw new GitHttpError(403, 'You are not authorized to do this.');
}

const NOT_CACHED = {
  'cache-control': 'no-cache, max-age=0, must-revalidate',
  expires: 'Fri, 01 Jan 1980 00:00:00 GMT',
  pragma: 'no-cache',
};

/** The body as git wrote it; git compresses what it asks for when that is long. */
function decompressed(request: WireRequest): Readable {
  const encoding = request.headers['content-encoding'];
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return request.body;
  return pipeline(request.body, createGunzip(), () => undefined);
}

async function pushCommands(body: Readable): Promise<PushCommand[]> {
  try {
    const commands = await peekPushCommands(body);
    if (commands.length <= limits.referencesPerPush) return commands;
  } catch (error) {
    if (error instanceof MalformedPushError) throw new GitHttpError(400, error.message);
    throw new GitHttpError(400, 'The body could not be read.');
  }
  throw new GitHttpError(403, `A push may change ${limits.referencesPerPush} references at most.`);
}

async function handle(platform: Platform, request: WireRequest): Promise<WireResponse> {
  const git = parseRequest(request);
  const named = await findByName(platform.db, git.name);
  const usualRegion = regionOfHost(request.headers.host) ?? platform.config.region;
  const regions = [...new Set([usualRegion, ...named.map(({ region }) => region)])];
  const caller = await identifyCaller(platform, request, git.repositoryPath, regions);
  const record = locate(caller, named, usualRegion);
  if (!record && !request.headers.authorization && !request.internal) {
    // Relaxed, and not in the account of who does not say who he is: git says so only when it is asked.
    throw new GitHttpError(401, 'Unauthorized');
  }
  const { accountId } = caller.principal;
  const key = record ?? { accountId, region: caller.region ?? usualRegion, name: git.name };
  const protocol = request.headers['git-protocol'];
  const { service } = git;
  if (git.exchange === 'advertise') {
    await authorize(platform, caller, key, service, request, []);
    const repository = await opened(platform, record);
    const headers = { ...NOT_CACHED, 'content-type': `application/x-${service}-advertisement` };
    return { status: 200, headers, body: repository.advertise({ service, protocol }) };
  }
  const body = decompressed(request);
  const commands = service === 'git-receive-pack' ? await pushCommands(body) : [];
  const references = commands.map((command) => command.name);
  await authorize(platform, caller, key, service, request, references);
  const repository = await opened(platform, record);
  const finished = record && (await beginPush(platform, record, commands));
  const headers = { ...NOT_CACHED, 'content-type': `application/x-${service}-result` };
  return {
    status: 200,
    headers,
    body: repository.exchange({ service, protocol, body, ...(finished && { finished }) }),
  };
}

async function opened(platform: Platform, record: RepositoryRecord | undefined) {
  if (!record) throw new GitHttpError(404, 'Repository not found.');
  await platform.git.create(record.repositoryId);
  return platform.git.repository(record.repositoryId);
}

/** Commits that references may change from now on. @returns what announces the changes, or undefined when there are none */
async function beginPush(
  platform: Platform,
  { repositoryId, defaultBranch }: RepositoryRecord,
  commands: PushCommand[],
): Promise<(() => Promise<void>) | undefined> {
  if (commands.length === 0) return undefined;
  const deleted = commands.filter(({ newId }) => newId === undefined).map(({ name }) => name);
  // CC-DEF-03: git itself refuses to delete the branch that HEAD is at.
  if (deleted.includes(`refs/heads/${defaultBranch}`)) await alignHead(platform, repositoryId);
  const changeId = await beginChange(platform, repositoryId);
  return () => announceReferences(platform, repositoryId, changeId);
}

export const gitRoute: Route = {
  matches: (request) => request.path.startsWith(ROOT),
  async handle(platform, request) {
    try {
      return await handle(platform, request);
    } catch (error) {
      request.body.resume();
      if (error instanceof GitHttpError) return errorResponse(error);
      const reference = randomUUID();
      const outage = outageOf(error);
      platform.log.error({ err: error, reference, path: request.path }, 'git over HTTP failed');
      return errorResponse(
        outage
          ? new GitHttpError(503, `The server cannot work now: ${outage.reason}.`)
          : new GitHttpError(500, `Internal error ${reference}`),
      );
    }
  },
};
