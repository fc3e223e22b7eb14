import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { HttpRequest } from '@smithy/types';
import { ask } from '../ask.ts';
import type { AgentCredentials } from '../config.ts';
import type { Release } from './release.ts';

/** What the server says: something to do, or nothing. */
export interface Answer {
  command?: { number: number; kind: 'deploy' | 'restart' | 'configure'; release: Release };
  tail?: { number: number };
  properties?: Record<string, string>;
  port?: number;
  check?: { path: string; codes: string };
  logs?: { bucket: string; prefix: string; endpoint: string };
}

export interface Server {
  endpoint: string;
  region: string;
  credentials(): AgentCredentials | Promise<AgentCredentials>;
}

/** The server holds a report for ten seconds. */
const PATIENCE = { idleMs: 40_000, longestMs: 60_000 };
const LONGEST_ANSWER = 256 * 1024;

/** Says how the instance is. @throws Error for all but an answer */
export async function sendReport(
  server: Server,
  path: string,
  said: object,
  signal: AbortSignal,
): Promise<Answer> {
  const url = new URL(path, server.endpoint);
  const body = JSON.stringify(said);
  const signer = signerOf(server, 'elasticbeanstalk', await server.credentials());
  const { headers } = await signer.sign({
    ...{ method: 'POST', protocol: url.protocol, hostname: url.hostname, path: url.pathname },
    ...{ query: {}, headers: { host: url.host, 'content-type': 'application/json' }, body },
  } as HttpRequest);
  const answer = await ask(url, {
    ...{ method: 'POST', headers, body, signal, patience: PATIENCE, mostBytes: LONGEST_ANSWER },
  });
  if (answer.status !== 200)
    throw Object.assign(new Error(`${answer.status} ${answer.body.slice(0, 200)}`), {
      status: answer.status,
    });
  return JSON.parse(answer.body) as Answer;
}

const signerOf = ({ region }: Server, service: string, credentials: AgentCredentials) =>
  new SignatureV4({
    ...{ credentials, region, service, sha256: Sha256 },
    // S3's paths are signed as they are.
    uriEscapePath: service !== 's3',
  });

/** Puts a text into S3. @returns an address at which it can be read for a while */
export async function putLog(
  server: Server,
  { bucket, prefix, endpoint }: NonNullable<Answer['logs']>,
  text: string,
): Promise<string> {
  const key = `${prefix}TailLogs-${Date.now()}.txt`;
  const at = new URL(server.endpoint);
  const path = `/${bucket}/${key}`;
  const signer = signerOf(server, 's3', await server.credentials());
  const { headers } = await signer.sign({
    ...{ method: 'PUT', protocol: at.protocol, hostname: at.hostname, path, query: {} },
    ...{ headers: { host: at.host, 'content-type': 'text/plain' }, body: text },
  } as HttpRequest);
  const { status, body } = await ask(new URL(path, at), {
    ...{ method: 'PUT', headers, body: text, patience: PATIENCE, mostBytes: 64 * 1024 },
  });
  if (status !== 200) throw new Error(`S3 has answered with ${status}: ${body.slice(0, 300)}`);
  // Read by whoever asked for it, where he reaches the server.
  const shown = new URL(path, endpoint);
  const presigned = await signer.presign(
    {
      ...{ method: 'GET', protocol: shown.protocol, hostname: shown.hostname, path, query: {} },
      headers: { host: shown.host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
    } as HttpRequest,
    { expiresIn: 15 * 60 },
  );
  for (const [name, value] of Object.entries(presigned.query ?? {}))
    shown.searchParams.set(name, String(value));
  return shown.href;
}
