import type { WireResponse } from '../../../aws/http.ts';
import { HttpError } from '../../../aws/http-error.ts';
import { type RouteCall, unauthorized } from '../../../aws/route-identity.ts';
import type { Subject } from '../../../aws/routes.ts';
import type { Platform, Route } from '../../../kit/service.ts';
import { TooLong, textAtMost } from '../../../lib/at-most.ts';
import { locate, regionOfHost } from '../git-http/caller.ts';
import { letIn } from '../keys/let-in.ts';
import { limits } from '../limits.ts';
import { type LfsOperation, LfsRefusal, parseJson, referenceOf } from '../model/lfs.ts';
import { isRepositoryName } from '../model/names.ts';
import { findByName, type RepositoryRecord, repositoryArn } from '../store/repositories.ts';
import { type LfsCaller, lfsIdentity, repositoryNameOf } from './caller.ts';

/** What every path of LFS has: whose the repository is, IAM's question as for git itself, and refusals in LFS's form. */

const MEDIA_TYPE = 'application/vnd.git-lfs+json';

export type Fields = Record<string, unknown>;

/** What a request asks for. */
export interface Asked<T> {
  /** As git's: an upload is a push. */
  operation: LfsOperation;
  /** Full name of the reference that it is for, where it says that: policies can name it (CC-SEC-03). */
  reference?: string | undefined;
  what: T;
}

/** A request that may be. */
export interface LfsCall<T> {
  platform: Platform;
  call: RouteCall;
  record: RepositoryRecord;
  caller: LfsCaller;
  asked: Asked<T>;
}

interface LfsSubject<T> {
  record: RepositoryRecord | undefined;
  asked: Asked<T>;
}

export function json(status: number, body: unknown): WireResponse {
  return {
    status,
    headers: { 'content-type': MEDIA_TYPE, 'cache-control': 'no-store' },
    body: JSON.stringify(body),
  };
}

/** @returns the error as routes have them, with the answer that clients of LFS show */
function told(error: unknown): unknown {
  if (!(error instanceof LfsRefusal)) return error;
  const { status, message } = error;
  return new HttpError(status, message, {}, json(status, { message }));
}

/** @throws LfsRefusal for what a route refuses */
function asRefusal(error: unknown): never {
  throw error instanceof HttpError ? new LfsRefusal(error.status, error.message) : error;
}

const notFound = () => new LfsRefusal(404, 'Repository not found.');

/** The members of a JSON body. @throws LfsRefusal */
export async function bodyOf({ request }: RouteCall): Promise<Fields> {
  const [type] = (request.headers['content-type'] ?? '').split(';');
  // A web page of another site could send any type that a form has, but not this one.
  if (type?.trim() !== MEDIA_TYPE)
    throw new LfsRefusal(415, `The content type ${MEDIA_TYPE} is required.`);
  try {
    return parseJson(await textAtMost(request.body, limits.lfs.request, 'The body'));
  } catch (error) {
    if (error instanceof LfsRefusal) throw error;
    if (error instanceof TooLong) throw new LfsRefusal(413, `${error.message}.`);
    throw new LfsRefusal(400, 'The body could not be read.');
  }
}

/** What a JSON body asks for, of an operation that is always the same. */
export const bodyFor =
  (operation: LfsOperation) =>
  async (call: RouteCall): Promise<Asked<Fields>> => {
    const what = await bodyOf(call);
    return { operation, reference: referenceOf(what), what };
  };

/** One path of LFS below `/v1/repos/NAME/info/lfs/`, NAME with or without `.git`. */
export function lfsRoute<T>(
  method: string,
  path: string,
  asks: (call: RouteCall) => Promise<Asked<T>>,
  answer: (call: LfsCall<T>) => Promise<WireResponse>,
): Route<LfsSubject<T>> {
  return {
    ...{ api: 'codecommit', operation: 'GitPull', identity: lfsIdentity },
    ...{ methods: [method], path: `/v1/repos/{repository}/info/lfs/${path}` },
    async subject(platform, call) {
      try {
        return await subjectOf(platform, call, asks);
      } catch (error) {
        throw told(error);
      }
    },
    async handle(platform, { request, labels, subject: { record, asked }, caller }) {
      try {
        if (!record || !caller) throw notFound();
        await letIn(platform, caller, record).catch(asRefusal);
        return await answer({ platform, call: { request, labels }, record, caller, asked });
      } catch (error) {
        throw told(error);
      }
    },
  };
}

async function subjectOf<T>(
  platform: Platform,
  call: RouteCall & { caller: LfsCaller },
  asks: (call: RouteCall) => Promise<Asked<T>>,
): Promise<Subject<LfsSubject<T>>> {
  const { request, labels, caller } = call;
  const { grant, principal } = caller;
  const name = repositoryNameOf(labels.repository);
  if (!isRepositoryName(name)) throw notFound();
  const usualRegion = regionOfHost(request.headers.host) ?? platform.config.region;
  const named = await findByName(platform.db, name);
  // A token is for one repository, whatever has its name by now.
  const record = grant
    ? named.find(({ repositoryId }) => repositoryId === grant.repositoryId)
    : locate(caller, named, usualRegion);
  if (!record && !request.ssh && !request.headers.authorization) throw unauthorized(lfsIdentity);
  const asked = await asks(call);
  if (grant && grant.operation !== asked.operation && asked.operation === 'upload')
    throw new LfsRefusal(403, 'The token is for downloads.');
  const { accountId } = principal;
  const place = { accountId, region: caller.region ?? usualRegion, name };
  const { repositoryId } = record ?? {};
  return {
    operation: asked.operation === 'upload' ? 'GitPush' : 'GitPull',
    resource: repositoryArn(record ?? place),
    named: repositoryArn(place),
    region: record?.region ?? place.region,
    type: 'AWS::CodeCommit::Repository',
    said: {
      additional: {
        ...{ protocol: request.ssh ? 'SSH' : 'HTTP', repositoryName: record?.name ?? name },
        ...{ dataTransferred: ['PUT', 'GET'].includes(request.method), repositoryId },
      },
    },
    conditions: asked.reference === undefined ? {} : { 'codecommit:references': [asked.reference] },
    refused: async (message: string) => json(403, { message }),
    subject: { record, asked },
  };
}
