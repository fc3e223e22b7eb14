import type { Api } from './api.ts';
import { AwsError } from './errors.ts';
import type { WireRequest } from './http.ts';
import { compileRestRouter, type RestRouter } from './protocols/rest-router.ts';
import { decodeUri } from './protocols/uri.ts';

/** Which operation a request asks for. `operation` is undefined when the API is known but has no such operation. */
export interface Target {
  api: Api;
  operation: string;
  labels?: Record<string, string>;
}

/** What a Query call says of itself. */
export interface QueryCall {
  action: string;
  version: string | undefined;
}

export interface Router {
  /**
   * The API a request is for, as far as it can be told: for errors in its protocol.
   * @param call what an unsigned Query call says of itself
   */
  api(request: WireRequest, call?: QueryCall): Api | undefined;
  /** The service that a request is signed for when it is none of these APIs: `sns`. */
  unserved(request: WireRequest): string | undefined;
  /** @throws AwsError when there is no such API or operation. */
  target(request: WireRequest, api: Api, body: Uint8Array | undefined): Target;
}

/** Routes by target header, credential scope, host and path: the models are the routes. */
export function makeRouter(apis: Api[]): Router {
  const byTarget = new Map<string, Api>();
  const byName = new Map<string, Api>();
  const restRouters = new Map<Api, RestRouter>();
  for (const api of apis) {
    if (!byName.has(api.name)) byName.set(api.name, api);
    for (const prefix of [api.targetPrefix, ...(api.targetAliases ?? [])]) {
      if (prefix && api.protocol.startsWith('json')) byTarget.set(prefix, api);
    }
    if (api.protocol.startsWith('rest')) restRouters.set(api, compileRestRouter(api));
  }
  return {
    api(request, call) {
      if (call) return apis.find((api) => api.protocol === 'query' && knows(api, call));
      const target = request.headers['x-amz-target'];
      if (target !== undefined) return byTarget.get(target.slice(0, target.lastIndexOf('.')));
      // Other anonymous requests can only be S3's.
      return byName.get(scopeOf(request)?.service ?? 's3');
    },
    unserved(request) {
      const service = scopeOf(request)?.service;
      return service === undefined || byName.has(service) ? undefined : service;
    },
    target(request, api, body) {
      if (api.protocol.startsWith('json')) return jsonTarget(api, request);
      if (api.protocol === 'query') return queryTarget(api, request, body);
      return restTarget(api, restRouters.get(api), request);
    },
  };
}

/** Does the call, by its action and its version, belong to the API? One without a version is any's that has the action. */
function knows({ version, operations }: Api, call: QueryCall): boolean {
  return call.version === undefined
    ? Object.hasOwn(operations, call.action)
    : call.version === version;
}

function jsonTarget(api: Api, request: WireRequest): Target {
  const target = request.headers['x-amz-target'] ?? '';
  const operation = target.slice(target.lastIndexOf('.') + 1);
  if (!Object.hasOwn(api.operations, operation)) {
    throw new AwsError('UnknownOperationException', `The operation ${operation} is not known.`);
  }
  return { api, operation };
}

function queryTarget(api: Api, request: WireRequest, body: Uint8Array | undefined): Target {
  const form = new URLSearchParams(
    body?.length ? Buffer.from(body).toString('utf8') : request.query,
  );
  const operation = form.get('Action') ?? '';
  const version = form.get('Version');
  if (operation === '') throw new AwsError('MissingAction', 'Could not find operation.', 400);
  if (!Object.hasOwn(api.operations, operation) || (version !== null && version !== api.version)) {
    throw invalidAction({ action: operation, version: version ?? undefined });
  }
  return { api, operation };
}

/** What the Query protocol answers to a call that no service has. */
export function invalidAction({ action, version = 'NO_VERSION_SPECIFIED' }: QueryCall): AwsError {
  return new AwsError('InvalidAction', `Could not find operation ${action} for version ${version}`);
}

function restTarget(api: Api, router: RestRouter | undefined, request: WireRequest): Target {
  const { bucket, path } =
    api.name === 's3' ? s3Address(request) : { bucket: undefined, path: request.path };
  const outer: Record<string, string> = bucket === undefined ? {} : { Bucket: bucket };
  const query = new URLSearchParams(request.query);
  const match = router?.(request.method, path, query, request.headers, outer);
  if (!match) {
    if (request.method === 'POST' && bucket !== undefined && path === '/') throw notAForm();
    throw new AwsError(
      'MethodNotAllowed',
      'The specified method is not allowed against this resource.',
      405,
    );
  }
  return { api, ...match };
}

/** A POST to a bucket that asks for nothing else is a browser's upload. */
function notAForm(): AwsError {
  return new AwsError(
    'PreconditionFailed',
    'At least one of the pre-conditions you specified did not hold',
    412,
    { Condition: 'Bucket POST must be of the enclosure-type multipart/form-data' },
  );
}

/** The names under which virtual-hosted buckets are reached: `bucket.s3.localhost`, `bucket.localhost`, AWS's own. */
const VIRTUAL_HOST =
  /^(.+?)\.(?:s3(?:[.-][a-z0-9-]+)?\.localhost|localhost|s3(?:[.-][a-z0-9.-]*)?\.amazonaws\.com)(?::\d+)?$/;
/** A name has at most 253 characters; whoever sends more is no client, and shall not keep us looking. */
const LONGEST_HOST = 320;
const S3_HOST = /^s3[.-]/;

/** Bucket and the path below it, from a virtual-hosted or path-style address. Both undecoded but for the bucket. */
export function s3Address(request: Pick<WireRequest, 'headers' | 'path'>): {
  bucket?: string;
  path: string;
} {
  const host = request.headers.host ?? '';
  const plain = host.length > LONGEST_HOST || S3_HOST.test(host);
  const virtual = plain ? undefined : VIRTUAL_HOST.exec(host)?.[1];
  if (virtual !== undefined) return { bucket: virtual, path: request.path };
  const [, segment = '', rest = ''] = /^\/([^/]*)(.*)$/s.exec(request.path) ?? [];
  if (segment === '') return { path: '/' };
  return { bucket: decodeUri(segment), path: rest === '' ? '/' : rest };
}

export interface CredentialScope {
  accessKeyId: string;
  region: string;
  service: string;
}

/** What the signature says of itself: read before it is verified, only to know which service to ask. */
export function scopeOf(
  request: Pick<WireRequest, 'headers' | 'query'>,
): CredentialScope | undefined {
  const header = /Credential=([^,\s]+)/.exec(request.headers.authorization ?? '')?.[1];
  const credential = header ?? new URLSearchParams(request.query).get('X-Amz-Credential');
  const [accessKeyId, , region, service] = credential?.split('/') ?? [];
  if (!accessKeyId || !region || !service) return undefined;
  return { accessKeyId, region, service };
}
