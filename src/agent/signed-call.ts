import { randomUUID } from 'node:crypto';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { HttpRequest } from '@smithy/types';
import { TooLong } from '../lib/at-most.ts';
import { ask, type Patience } from './ask.ts';
import type { AgentCredentials } from './config.ts';

/** An error that the server answered with. */
export class CommandError extends Error {
  readonly status: number;

  constructor(name: string, message: string, status: number) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

/** A server, and who calls it. */
export interface CallOptions {
  endpoint: string;
  region: string;
  credentials(): AgentCredentials | Promise<AgentCredentials>;
  /** PEM of certificates to trust besides the system's. */
  ca?: string;
  patience?: Partial<Patience>;
}

/** An operation of a JSON API. */
export interface SignedCall {
  /** The name that it is signed with, and what stands before the operation in the target. */
  api: { signingName: string; targetPrefix: string };
  operation: string;
  input: unknown;
  invocationId?: string;
  signal?: AbortSignal;
}

/** A server holds a poll for less than the first of them. */
const PATIENCE: Patience = { idleMs: 80_000, longestMs: 180_000 };
/** Of an answer that is none. */
const LONGEST_SHOWN = 200;
/** A specification, which is the longest answer, has 8 KiB at most. */
const LONGEST_ANSWER = 1024 * 1024;

/** No answer, throttling, or a fault of the server. Nobody waits for one that says too much. */
export function isPassing(error: unknown): boolean {
  if (error instanceof TooLong) return false;
  if (!(error instanceof CommandError)) return true;
  return error.status >= 500
    ? error.status !== 501
    : error.status === 429 || error.name.startsWith('Throttling');
}

/** Calls once. @throws CommandError, or what kept the server from answering */
export async function signedCall<O>(options: CallOptions, call: SignedCall): Promise<O> {
  const url = new URL(options.endpoint);
  const body = JSON.stringify(call.input);
  const signed = await sign(options, url, call, body);
  const { status, body: answer } = await ask(new URL('/', url), {
    method: 'POST',
    headers: signed.headers,
    body,
    ca: options.ca,
    signal: call.signal,
    patience: { ...PATIENCE, ...options.patience },
    mostBytes: LONGEST_ANSWER,
  });
  if (status === 200) return readOutput<O>(answer);
  const { name, message } = readError(answer);
  throw new CommandError(name, message || `It has answered with the status ${status}`, status);
}

async function sign(
  options: CallOptions,
  url: URL,
  { api, operation, invocationId = randomUUID() }: SignedCall,
  body: string,
): Promise<HttpRequest> {
  const signer = new SignatureV4({
    credentials: await options.credentials(),
    region: options.region,
    service: api.signingName,
    sha256: Sha256,
  });
  return signer.sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: '/',
    query: {},
    headers: {
      host: url.host,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `${api.targetPrefix}.${operation}`,
      'user-agent': 'slipway-agent',
      // As SDKs do: one id for all tries of a call.
      'amz-sdk-invocation-id': invocationId,
    },
    body,
  } as HttpRequest);
}

/** What has no object in it is of something else that answers here, such as a portal that one has to sign in at. */
function readOutput<O>(answer: string): O {
  let output: unknown;
  try {
    output = JSON.parse(answer || '{}');
  } catch {
    // Said below.
  }
  if (typeof output === 'object' && output !== null && !Array.isArray(output)) return output as O;
  throw new Error(`It has answered with what is no JSON object: ${answer.slice(0, LONGEST_SHOWN)}`);
}

function readError(answer: string): { name: string; message: string } {
  try {
    const { __type = 'UnknownError', message, Message } = JSON.parse(answer);
    return {
      name: String(__type).split('#').at(-1) ?? '',
      message: String(message ?? Message ?? ''),
    };
  } catch {
    return { name: 'UnknownError', message: answer.slice(0, LONGEST_SHOWN) };
  }
}
