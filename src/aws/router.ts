import type { ApiFace } from './api.ts';
import type { WireRequest } from './http.ts';
import type { Protocol } from './protocols/protocol.ts';
import { type QueryCall, query, queryCall } from './protocols/query.ts';
import { unsignedRestService } from './unsigned-rest.ts';

/** An API, and the protocol in which a request is for it. */
export interface Addressee<A extends ApiFace> {
  api: A;
  protocol: Protocol;
  /** Where several APIs sign with one name, as ELB's two do: the one that the call is for, once its body may be read. */
  told?(body: Uint8Array | undefined): A;
}

export interface Router<A extends ApiFace> {
  /**
   * The API a request is for, as far as it can be told: for errors in its protocol.
   * @param call what an unsigned Query call says of itself
   */
  find(request: WireRequest, call?: QueryCall): Addressee<A> | undefined;
  /** The service that a request is for, by what it says itself, when it is none of these APIs: `sns`. */
  unserved(request: WireRequest): string | undefined;
}

/** Routes by what a request says itself, by its protocol's way (target header, path), or else by its credential scope. */
export function makeRouter<A extends ApiFace>(apis: readonly A[]): Router<A> {
  const byPrefix = new Map<string, A>();
  const byName = new Map<string, A[]>();
  const naming = new Set<Protocol>();
  for (const api of apis) {
    const namesakes = byName.get(api.name) ?? [];
    const same = namesakes.find((one) => !isTold(api) && !isTold(one) && !tellVersions(api, one));
    if (same) throw ambiguous(api, same);
    byName.set(api.name, [...namesakes, api]);
    const telling = api.protocols.filter(({ addressee }) => addressee);
    for (const protocol of telling) naming.add(protocol);
    if (api.targetPrefix && telling.length > 0) byPrefix.set(api.targetPrefix, api);
  }
  const anonymous = apis.find((api) => api.anonymous);
  const prefixOf = (request: WireRequest) => {
    for (const protocol of naming) {
      const prefix = protocol.addressee?.(request);
      if (prefix !== undefined) return prefix;
    }
    return undefined;
  };
  return {
    find(request, call) {
      if (call) {
        const api = called(apis, call);
        return api && { api, protocol: query };
      }
      const prefix = prefixOf(request);
      if (prefix !== undefined) {
        // Some clients write the package before it: com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101
        const plain = prefix.slice(prefix.lastIndexOf('.') + 1);
        const itself = byPrefix.get(prefix) ?? byPrefix.get(plain);
        return itself && addressed(itself, request);
      }
      const scope = scopeOf(request);
      if (!scope && unsignedRestService(request) !== undefined) return undefined;
      if (!scope) return anonymous && addressed(anonymous, request);
      const [api, ...more] = byName.get(scope.service) ?? [];
      const found = api && addressed(api, request);
      if (!found || !more.some((one) => tellVersions(one, api))) return found;
      return { ...found, told: (body) => called([api, ...more], queryCall(request, body)) ?? api };
    },
    unserved(request) {
      const service = scopeOf(request)?.service;
      if (service !== undefined) return byName.has(service) ? undefined : service;
      const prefix = prefixOf(request);
      return prefix === undefined ? unsignedRestService(request) : prefix || undefined;
    },
  };
}

/** Does every request say itself that it is this API's? */
function isTold({ targetPrefix, protocols }: ApiFace): boolean {
  return targetPrefix !== undefined && protocols.every(({ addressee }) => addressee);
}

/** Two Query APIs, as ELB's are: each call says its version, in a body that is not read yet when the request is routed. */
function tellVersions(one: ApiFace, other: ApiFace): boolean {
  const isQuery = ({ protocols, version }: ApiFace) =>
    version !== undefined && protocols.every((protocol) => protocol === query);
  return isQuery(one) && isQuery(other) && one.version !== other.version;
}

/** The Query API that a call is for. */
function called<A extends ApiFace>(apis: readonly A[], call: QueryCall): A | undefined {
  return apis.find((one) => one.protocols.includes(query) && knows(one, call));
}

function ambiguous({ name, version }: ApiFace, { version: other }: ApiFace): Error {
  const versions = [other, version].join(' and ');
  return new Error(
    `Two APIs sign as ${name} (${versions}), and nothing tells their requests apart`,
  );
}

function addressed<A extends ApiFace>(api: A, request: WireRequest): Addressee<A> {
  const { protocols } = api;
  const protocol = protocols.find((one) => one.recognises(request)) ?? protocols[0];
  return { api, protocol };
}

/** Does the call, by its action and its version, belong to the API? One without a version is any's that has the action. */
function knows({ version, operations }: ApiFace, call: QueryCall): boolean {
  return call.version === undefined
    ? Object.hasOwn(operations, call.action)
    : call.version === version;
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
