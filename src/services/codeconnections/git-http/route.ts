import { once } from 'node:events';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { WireResponse } from '../../../aws/http.ts';
import { HttpError } from '../../../aws/http-error.ts';
import { connectionGitRoute } from '../../../aws/internal/connection-git.ts';
import type { Caller, Identity, RouteCall } from '../../../aws/route-identity.ts';
import type { AdmittedCall, Subject } from '../../../aws/routes.ts';
import type { Remote } from '../../../git/git-host.ts';
import { GitError } from '../../../git/process.ts';
import { gitCaller } from '../../../kit/git-caller.ts';
import type { Platform, Route } from '../../../kit/service.ts';
import { OutboundFailed, OutboundRefused } from '../../../network/outbound.ts';
import { API_NAMES, type ApiName, arnOf, type Connection } from '../model/connection.ts';
import { isFullRepositoryId } from '../model/repository.ts';
import { openRemote, RemoteRefused, realFile } from '../sources/remote.ts';
import { findConnectionByArn } from '../store/connections.ts';

/*
 * Git reads a repository through a connection: a full clone of a build (CP-B31). The provider is spoken to by this server,
 * with the connection's credentials, which nobody who clones gets to see.
 */

const SERVICE = 'git-upload-pack';
/** Who sends nothing for so long is as good as gone. */
const IDLE_MS = 60_000;

interface Reading {
  connection: Connection | undefined;
  repository: string;
  /** Which references there are, or the exchange. */
  what: 'info/refs' | typeof SERVICE;
}

/** @throws HttpError for what is no request of a git that reads */
function readingOf({ request, labels }: RouteCall): Omit<Reading, 'connection'> {
  const [, name = '', what] = /^(.+)\/(info\/refs|git-upload-pack)$/.exec(labels.rest ?? '') ?? [];
  const repository = decoded(name).replace(/\.git$/, '');
  if (!isFullRepositoryId(repository)) throw new HttpError(404, 'Repository not found.');
  const asks = new URLSearchParams(request.query).get('service') === SERVICE;
  if (what === 'info/refs' && request.method === 'GET' && asks) return { repository, what };
  const type = `application/x-${SERVICE}-request`;
  const exchanges = request.method === 'POST' && request.headers['content-type'] === type;
  if (what === SERVICE && exchanges) return { repository, what };
  throw new HttpError(403, 'Repositories of a connection can be read by git, and no more.');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

const arnIn = (labels: Record<string, string>, service: string) => {
  const { account: accountId = '', region = '', connection = '' } = labels;
  return arnOf({ accountId, region }, service, `connection/${connection}`);
};

/** By a signature in place of a password, as CodeCommit's git takes it, for the connections' service. */
const identity = (service: ApiName): Identity<Platform> => ({
  by: 'basic',
  realm: 'CodeConnections',
  find(platform, given, call): Promise<Caller> {
    const { request, labels } = call;
    const path = request.path.replace(/\/(info\/refs|git-upload-pack)$/, '');
    return gitCaller(platform, given, call, { path, service, regions: [labels.region ?? ''] });
  },
});

/** IAM is asked for UseConnection as of any other use of it. */
const subject =
  (service: ApiName) =>
  async (platform: Platform, call: RouteCall): Promise<Subject<Reading>> => {
    const reading = readingOf(call);
    const resource = arnIn(call.labels, service);
    const { repository } = reading;
    return {
      ...{ resource, type: 'AWS::CodeStarConnections::Connection' },
      region: call.labels.region ?? '',
      said: { parameters: { connectionArn: resource, fullRepositoryId: repository } },
      conditions: {
        [`${service}:provideraction`]: 'GitPull',
        [`${service}:providerpermissionsrequired`]: 'read_only',
        [`${service}:fullrepositoryid`]: repository,
      },
      subject: { ...reading, connection: await findConnectionByArn(platform.db, resource) },
    };
  };

async function handle(platform: Platform, call: AdmittedCall<Reading>): Promise<WireResponse> {
  const { connection, repository } = call.subject;
  if (!connection) throw new HttpError(404, 'Repository not found.');
  try {
    const remote = await openRemote(platform, connection, repository);
    return remote.url.startsWith('file:')
      ? await fromDisk(platform, call, remote)
      : await fromProvider(platform, call, remote);
  } catch (error) {
    throw answerOf(error);
  }
}

/** What is wrong with the other side is no fault of this server. */
function answerOf(error: unknown): unknown {
  const known = [RemoteRefused, OutboundFailed, OutboundRefused];
  return known.some((one) => error instanceof one)
    ? new HttpError(424, (error as Error).message)
    : error;
}

async function fromDisk(
  platform: Platform,
  { request, subject: { what } }: AdmittedCall<Reading>,
  { url }: Remote,
): Promise<WireResponse> {
  const repository = platform.git.onDisk(await realFile(url, platform.config.fileRemotes));
  const its = { service: SERVICE, protocol: request.headers['git-protocol'] } as const;
  if (what === 'info/refs') return answer('advertisement', await begun(repository.advertise(its)));
  const asked = { ...its, body: unzipped(request) };
  return answer('result', await begun(repository.exchange(asked)));
}

/**
 * What git says, once it has said something: until then there is an answer which tells that a directory is no repository, or
 * that what was sent cannot be read (a body that is no gzip ends git).
 * @throws HttpError
 */
async function begun(said: Readable): Promise<Readable> {
  try {
    await once(said, 'readable');
    return said;
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    if (/does not appear to be a git repository/.test(error.stderr))
      throw new HttpError(404, 'Repository not found.');
    throw new HttpError(400, 'git cannot read the request.');
  }
}

/** git compresses what it asks for when that is long. */
function unzipped({ headers, body }: AdmittedCall<Reading>['request']): Readable {
  const encoding = headers['content-encoding'];
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return body;
  return pipeline(body, createGunzip(), () => undefined);
}

const answer = (kind: 'advertisement' | 'result', body: Readable): WireResponse => ({
  status: 200,
  headers: { 'content-type': `application/x-${SERVICE}-${kind}`, 'cache-control': 'no-cache' },
  body,
});

async function fromProvider(
  platform: Platform,
  { request, subject: { what } }: AdmittedCall<Reading>,
  { url, credentials }: Remote,
): Promise<WireResponse> {
  const posts = what === SERVICE;
  const { headers, body } = request;
  const handedOn = ['git-protocol', ...(posts ? ['content-type', 'content-encoding'] : [])];
  const { status, ...answered } = await platform.outbound.exchange({
    method: posts ? 'POST' : 'GET',
    url: `${url.replace(/\/$/, '')}/${what}${posts ? '' : `?service=${SERVICE}`}`,
    headers: {
      ...Object.fromEntries(
        handedOn.flatMap((name) => (headers[name] ? [[name, headers[name]]] : [])),
      ),
      ...(credentials && { authorization: basic(credentials) }),
      'user-agent': 'git/2 (slipway)',
    },
    ...(posts && { body }),
    idleMs: IDLE_MS,
  });
  const kind = posts ? 'result' : 'advertisement';
  if (status === 200 && answered.headers['content-type'] === `application/x-${SERVICE}-${kind}`)
    return answer(kind, answered.body);
  answered.body.destroy();
  throw refusalOf(status);
}

const basic = ({ userName, password }: NonNullable<Remote['credentials']>) =>
  `Basic ${Buffer.from(`${userName}:${password}`).toString('base64')}`;

/** Of what the provider says, its status alone: its words may be about more than this repository. */
function refusalOf(status: number): HttpError {
  if (status === 404) return new HttpError(404, 'Repository not found.');
  if (status === 400) return new HttpError(400, 'The provider cannot read the request.');
  if (status === 401 || status === 403)
    return new HttpError(424, 'The provider refuses the credentials of the connection.');
  return new HttpError(424, `The provider answered ${status}.`);
}

/** A project's role has the permission that AWS asks for where a connection is the way in to a source. */
const USES = { git: 'UseConnection', source: 'GetConnectionToken' } as const;

export const gitRoutes: Route<Reading>[] = API_NAMES.flatMap((service) =>
  (['git', 'source'] as const).map((use) => ({
    ...{ api: service, operation: USES[use], path: connectionGitRoute(service, use) },
    ...{ identity: identity(service), subject: subject(service), handle },
  })),
);
