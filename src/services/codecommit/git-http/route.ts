import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { WireRequest, WireResponse } from '../../../aws/http.ts';
import { HttpError } from '../../../aws/http-error.ts';
import { type Caller, type RouteCall, unauthorized } from '../../../aws/route-identity.ts';
import type { AdmittedCall, Subject } from '../../../aws/routes.ts';
import type { TransportService } from '../../../git/git-host.ts';
import {
  type FetchHead,
  MalformedPushError,
  type PushCommand,
  type PushHead,
  peekFetch,
  peekPush,
} from '../../../git/pkt-line.ts';
import { GitError } from '../../../git/process.ts';
import type { Platform, Route } from '../../../kit/service.ts';
import { moreOf } from '../../../lib/more-of.ts';
import { alignHead, announceReferences, beginChange } from '../history/references.ts';
import { letIn } from '../keys/let-in.ts';
import { limits } from '../limits.ts';
import { branchOf, isBranchName, isRepositoryName } from '../model/names.ts';
import { findByName, type RepositoryRecord, repositoryArn } from '../store/repositories.ts';
import { gitIdentity, locate, regionOfHost } from './caller.ts';
import { reasons, referencesOf, refusedPush } from './refusal.ts';
import { transferring } from './transfers.ts';

/** Git's smart HTTP at `/v1/repos/NAME`, as CodeCommit serves it (CC-GIT-01). */

/** What a call of git is about, found before it is known whether it may be. */
interface GitSubject {
  service: TransportService;
  /** Undefined where there is none: whoever may not know that gets 403 in both cases. */
  record: RepositoryRecord | undefined;
  /** Of an exchange: what git sends, decompressed. */
  body: Readable;
  /** Of a push. */
  push: PushHead;
}

const NO_PUSH: PushHead = { commands: [], capabilities: [], shallow: false };

const OPERATIONS: Record<TransportService, string> = {
  'git-upload-pack': 'GitPull',
  'git-receive-pack': 'GitPush',
};

/** @throws HttpError for what is no request of a smart client */
function serviceOf({ request, labels }: RouteCall): TransportService {
  if (!isRepositoryName(labels.repository ?? '')) throw notFound();
  const what = request.path.slice(request.path.lastIndexOf('/') + 1);
  if (what === 'refs') {
    const service = new URLSearchParams(request.query).get('service');
    if (service === 'git-upload-pack' || service === 'git-receive-pack') return service;
    throw new HttpError(400, 'Only the smart HTTP protocol is served: please upgrade git.');
  }
  // A web page of another site could send any type that a form has, but not this one.
  const type = `application/x-${what}-request`;
  if (request.headers['content-type'] !== type)
    throw new HttpError(415, `The content type ${type} is required.`);
  return what as TransportService;
}

function notFound(): HttpError {
  return new HttpError(404, 'Repository not found.');
}

/** CC-GIT-10. A push is asked about by the references that it changes, so its head is read here. */
async function subjectOf(
  platform: Platform,
  call: RouteCall & { caller: Caller },
): Promise<Subject<GitSubject>> {
  const { request, labels, caller } = call;
  const name = labels.repository ?? '';
  const usualRegion = regionOfHost(request.headers.host) ?? platform.config.region;
  const record = locate(caller, await findByName(platform.db, name), usualRegion);
  // Relaxed, and not in the account of who does not say who he is: git says so only when it is asked.
  if (!record && !request.ssh && !request.headers.authorization) throw unauthorized(gitIdentity);
  const service = serviceOf(call);
  const body = decompressed(request);
  const pushes = request.method === 'POST' && service === 'git-receive-pack';
  const push = pushes ? await pushOf(body) : NO_PUSH;
  const { accountId } = caller.principal;
  const asked = { accountId, region: caller.region ?? usualRegion, name };
  const { region } = record ?? asked;
  const { commands } = push;
  // Over a connection a client says nothing before it has been told the references.
  const fetches = request.method === 'POST' && !pushes && !request.ssh;
  const fetch = fetches ? await peekFetch(body).catch(unreadable) : undefined;
  return {
    resource: repositoryArn(record ?? asked),
    named: repositoryArn(asked),
    region,
    type: 'AWS::CodeCommit::Repository',
    said: saidOf(request, record ?? { name }, { service, push, fetch }),
    conditions: commands.length > 0 ? referencesOf(commands) : {},
    refused: async (why, ask) => refusedPush({ body, push }, await reasons(commands, why, ask)),
    subject: { service, record, body, push },
  };
}

/**
 * What the record shows of a call of git; one that only asks which references there are transfers no data (CC-SEC-05).
 * https://docs.aws.amazon.com/codecommit/latest/userguide/integ-cloudtrail.html
 */
function saidOf(
  { method, ssh }: WireRequest,
  {
    name: repositoryName,
    repositoryId,
  }: Pick<RepositoryRecord, 'name'> & Partial<RepositoryRecord>,
  {
    service,
    push,
    fetch,
  }: { service: TransportService; push: PushHead; fetch: FetchHead | undefined },
) {
  const references = push.commands.map(({ name: ref, newId: commit }) => ({ commit, ref }));
  const isPush = service === 'git-receive-pack';
  const head = isPush ? push : fetch;
  const transfers = isPush
    ? push.commands.some(({ newId }) => newId !== undefined)
    : (fetch?.wants ?? true);
  return {
    ...(references.length > 0 && { parameters: { references } }),
    // A push is two calls: the first one asks which references there are.
    readOnly: references.length === 0,
    additional: {
      ...{ protocol: ssh ? 'SSH' : 'HTTP', dataTransferred: method === 'POST' && transfers },
      ...(method === 'POST' && head && { capabilities: head.capabilities, shallow: head.shallow }),
      ...{ repositoryName, repositoryId },
    },
  };
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

function unreadable(error: unknown): never {
  if (error instanceof MalformedPushError) throw new HttpError(400, error.message);
  throw new HttpError(400, 'The body could not be read.');
}

async function pushOf(body: Readable): Promise<PushHead> {
  const push = await peekPush(body).catch(unreadable);
  if (push.commands.length <= limits.referencesPerPush) return push;
  const why = `A push may change ${limits.referencesPerPush} references at most.`;
  const answer = refusedPush(
    { body, push },
    push.commands.map(({ name }) => ({ name, reason: why })),
  );
  throw new HttpError(403, why, {}, answer);
}

async function advertise(
  platform: Platform,
  { request, subject, caller }: AdmittedCall<GitSubject>,
): Promise<WireResponse> {
  const { service } = subject;
  const { repository, repositoryId } = await opened(platform, subject, caller);
  const headers = { ...NOT_CACHED, 'content-type': `application/x-${service}-advertisement` };
  return transferring(platform, repositoryId, async () => ({
    ...{ status: 200, headers },
    body: await begun(repository.advertise(transportOf(request, service))),
  }));
}

async function exchange(
  platform: Platform,
  { request, subject, caller }: AdmittedCall<GitSubject>,
): Promise<WireResponse> {
  const { service, record, body } = subject;
  const { repository, repositoryId } = await opened(platform, subject, caller);
  checkNewBranches(subject);
  const push = { commands: subject.push.commands, userArn: caller?.principal.arn };
  const headers = { ...NOT_CACHED, 'content-type': `application/x-${service}-result` };
  return transferring(platform, repositoryId, async () => {
    const finished = record && (await beginPush(platform, record, push));
    const asked = { ...transportOf(request, service), body, push: subject.push };
    const said = repository.exchange({ ...asked, ...(finished && { finished }) });
    return { status: 200, headers, body: await begun(said) };
  });
}

/**
 * A push makes no branch that the API could not name (CC-LIM-02); one that is there already can still be moved and deleted.
 * @throws HttpError
 */
function checkNewBranches({ body, push }: GitSubject): void {
  const isNone = ({ name, oldId, newId }: PushCommand) => {
    const branch = branchOf(name);
    return (
      oldId === undefined && newId !== undefined && branch !== undefined && !isBranchName(branch)
    );
  };
  const wrong = push.commands.filter(isNone);
  if (wrong.length === 0) return;
  const why = 'not a valid name of a branch in CodeCommit';
  const refused = push.commands.map((command) => ({
    name: command.name,
    reason: isNone(command) ? why : `not pushed, since ${wrong[0]?.name} was refused`,
  }));
  throw new HttpError(400, `${wrong[0]?.name}: ${why}`, {}, refusedPush({ body, push }, refused));
}

/**
 * What git says, once it has begun, or has ended: of a request that it does not understand it says nothing, and that is not told
 * by a status that was sent before. @throws HttpError
 */
async function begun(said: Readable): Promise<Readable> {
  try {
    await moreOf(said);
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    throw new HttpError(400, 'The request is none that git understands.');
  }
  return said;
}

const transportOf = ({ headers, ssh }: WireRequest, service: TransportService) => ({
  ...{ service, protocol: headers['git-protocol'] },
  connected: ssh !== undefined,
});

async function opened(
  platform: Platform,
  { service, record }: GitSubject,
  caller: Caller | undefined,
) {
  if (!record) throw notFound();
  await letIn(platform, caller, record);
  const repository = platform.git.repository(record.repositoryId);
  // Once the answer has begun, nobody could be told why it does not go on.
  await repository.ready(service);
  return { repository, repositoryId: record.repositoryId };
}

/** Commits that references may change from now on. @returns what announces the changes, or undefined when there are none */
async function beginPush(
  platform: Platform,
  { repositoryId }: RepositoryRecord,
  { commands, userArn }: { commands: PushCommand[]; userArn: string | undefined },
): Promise<(() => Promise<void>) | undefined> {
  if (commands.length === 0) return undefined;
  const changeId = await beginChange(platform, repositoryId, userArn);
  // CC-DEF-03: git itself refuses to delete the branch that HEAD is at.
  if (commands.some(({ newId }) => newId === undefined)) await alignHead(platform, repositoryId);
  return () => announceReferences(platform, repositoryId, changeId);
}

const common = {
  api: 'codecommit',
  operation: (call: RouteCall) => OPERATIONS[serviceOf(call)],
  identity: gitIdentity,
  subject: subjectOf,
};

export const gitRoutes: Route<GitSubject>[] = [
  { ...common, methods: ['GET'], path: '/v1/repos/{repository}/info/refs', handle: advertise },
  {
    ...{ ...common, methods: ['POST'] },
    path: '/v1/repos/{repository}/git-upload-pack',
    handle: exchange,
  },
  {
    ...{ ...common, methods: ['POST'] },
    path: '/v1/repos/{repository}/git-receive-pack',
    handle: exchange,
  },
];

/** All else below the root of the repositories: S3 would take it for a bucket's. */
export const noGitRoute: Route = {
  ...{ api: 'codecommit', operation: 'Git', path: '/v1/repos/{rest*}' },
  identity: { by: 'none' },
  async handle(_platform, { labels: { rest = '' } }) {
    const [name = '', what = ''] = rest.split(/\/(.*)/s, 2);
    if (!isRepositoryName(name)) throw notFound();
    if (what === 'info/refs') throw new HttpError(405, 'GET is required.');
    throw what === 'git-upload-pack' || what === 'git-receive-pack'
      ? new HttpError(405, 'POST is required.')
      : notFound();
  },
};
