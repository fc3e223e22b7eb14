import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { HttpRequest } from '@smithy/types';
import type { ServerFile } from './server-file.ts';

/** Longer than the server waits for its database. */
export const ANSWER_MS = 15_000;

/** GET of one of the server's own paths, signed by the key of the server file. */
export async function signedGet(
  server: ServerFile,
  path: string,
  withinMs = ANSWER_MS,
): Promise<Response> {
  const { accessKeyId, secretAccessKey, region } = server;
  const url = new URL(path, server.endpoint);
  const signer = new SignatureV4({
    ...{ credentials: { accessKeyId, secretAccessKey }, region },
    ...{ service: 'slipway', sha256: Sha256 },
  });
  const { headers } = await signer.sign({
    ...{ method: 'GET', protocol: url.protocol, hostname: url.hostname, path: url.pathname },
    ...{ query: {}, headers: { host: url.host } },
  } as HttpRequest);
  return fetch(url, { headers, signal: AbortSignal.timeout(withinMs) });
}
