import { Sha256 } from '@smithy/core/checksum';
import { HttpRequest } from '@smithy/core/protocols';
import { SignatureV4 } from '@smithy/signature-v4';
import type { TestServer } from '../conformance/server.ts';

/** A call as it is sent, but for its body: `body` is only signed. */
export interface Call {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
  /** Of a body that is not given: hex SHA-256 and length in bytes. */
  announced?: { sha256: string; length: number };
}

/** The bytes of signed requests, each good for fifteen minutes; the body follows when it was given. */
export function signerOf(server: TestServer, service: string): (call: Call) => Promise<string> {
  const { hostname, port } = new URL(server.endpoint);
  const signer = new SignatureV4({
    service,
    region: server.region,
    credentials: server.client.credentials,
    sha256: Sha256,
    ...(service === 's3' && { uriEscapePath: false }),
  });
  return async ({ method = 'POST', path = '/', body = '', announced, ...call }) => {
    const request = new HttpRequest({
      method,
      hostname,
      path,
      headers: {
        host: `${hostname}:${port}`,
        ...call.headers,
        ...(announced && { 'x-amz-content-sha256': announced.sha256 }),
      },
      body: announced ? undefined : body,
    });
    const { headers } = await signer.sign(request);
    const length = announced?.length ?? Buffer.byteLength(body);
    const lines = Object.entries({ ...headers, 'content-length': length }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
  };
}

/** One call of a JSON API. */
export function jsonCall(target: string, input: object): Call {
  return {
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body: JSON.stringify(input),
  };
}
