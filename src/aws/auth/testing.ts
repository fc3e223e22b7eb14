import { createHash, createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import { SignatureV4 } from '@smithy/signature-v4';
import type { WireRequest } from '../http.ts';
import type { AccessKey, CredentialStore } from '../principal.ts';
import { rootPrincipal } from './root.ts';

/** AWS's own example key: no secret. */
export const EXAMPLE_KEY = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

export function accessKey(overrides: Partial<AccessKey> = {}): AccessKey {
  return {
    ...EXAMPLE_KEY,
    status: 'Active',
    principal: rootPrincipal('111122223333'),
    ...overrides,
  };
}

export function storeOf(...keys: AccessKey[]): CredentialStore {
  return {
    findAccessKey: async (id) => keys.find((key) => key.accessKeyId === id),
    isCurrent: async () => true,
    findServiceSpecificCredential: async () => undefined,
    findSshPublicKey: async () => undefined,
  };
}

class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash =
      secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytesOf(data));
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function bytesOf(data: string | ArrayBuffer | ArrayBufferView): Buffer {
  if (typeof data === 'string') return Buffer.from(data);
  if (ArrayBuffer.isView(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.from(data);
}

export interface Unsigned {
  method: string;
  /** As it goes over the wire. */
  path: string;
  query: Record<string, string>;
  headers: Record<string, string>;
  body: string;
}

/** The AWS SDK's own signer. */
export function sdkSigner(service: string, key: AccessKey = accessKey()): SignatureV4 {
  return new SignatureV4({
    service,
    region: 'us-east-1',
    sha256: Sha256 as never,
    uriEscapePath: service !== 's3',
    credentials: {
      accessKeyId: key.accessKeyId,
      secretAccessKey: key.secretAccessKey,
      sessionToken: key.sessionToken,
    },
  });
}

interface Signed {
  method: string;
  path: string;
  query?: Record<string, string | string[] | null>;
  headers: Record<string, string>;
}

/** A signed SDK request as it comes over the wire. */
export function wire(signed: Signed, body: string | Buffer = ''): WireRequest {
  const pairs = Object.entries(signed.query ?? {}).map(
    ([name, value]) => `${encode(name)}=${encode(String(value ?? ''))}`,
  );
  const headers = Object.entries(signed.headers).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ]);
  return {
    method: signed.method,
    path: signed.path,
    query: pairs.join('&'),
    headers: Object.fromEntries(headers),
    body: Readable.from(body.length > 0 ? [Buffer.from(body)] : []),
    endpoint: 'http://example.amazonaws.com',
    remoteAddress: '127.0.0.1',
  };
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Signs with the SDK and puts it on the wire. */
export async function signedRequest(
  service: string,
  unsigned: Partial<Unsigned>,
  at: Date,
  key: AccessKey = accessKey(),
): Promise<WireRequest> {
  const { method = 'GET', path = '/', query = {}, headers = {}, body = '' } = unsigned;
  const request = {
    method,
    protocol: 'https:',
    hostname: 'example.amazonaws.com',
    path,
    query,
    headers: { host: 'example.amazonaws.com', ...headers },
    body,
  };
  const signed = await sdkSigner(service, key).sign(request, { signingDate: at });
  return wire(signed as Signed, body);
}
