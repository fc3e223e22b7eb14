import { randomUUID } from 'node:crypto';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { HttpRequest } from '@smithy/types';
import { TooLong } from '../lib/at-most.ts';
import type * as api from '../lib/codedeploy-commands.ts';
import { SIGNING_NAME, TARGET_PREFIX } from '../lib/codedeploy-commands.ts';
import { ask, type Patience } from './ask.ts';
import type { AgentCredentials } from './config.ts';
import { tryAgain } from './try-again.ts';

/** An error that the server answered with. */
export class CommandError extends Error {
  readonly status: number;

  constructor(name: string, message: string, status: number) {
    super(message);
    this.name = name;
    this.status = status;
  }
}

export interface CommandsClientOptions {
  endpoint: string;
  region: string;
  credentials(): AgentCredentials;
  /** PEM of certificates to trust besides the system's. */
  ca?: string;
  /** Ends waiting and trying again. */
  signal: AbortSignal;
  patience?: Partial<Patience>;
}

/** A server holds a poll for less than the first of them. */
const PATIENCE: Patience = { idleMs: 80_000, longestMs: 180_000 };
/** A specification, which is the longest answer, has 8 KiB at most. */
const LONGEST_ANSWER = 1024 * 1024;

/** The host agents' API. Everything but a poll is tried again until the server answers. */
export function makeCommandsClient(options: CommandsClientOptions) {
  const again =
    <I, O>(operation: string) =>
    (input: I, invocationId: string = randomUUID()) =>
      tryAgain(() => call<O>(options, operation, input, invocationId), {
        isPassing,
        signal: options.signal,
      });
  return {
    /** Waits for a command; fails when the server cannot be reached. */
    pollHostCommand: (input: api.PollHostCommandInput) =>
      call<api.PollHostCommandOutput>(
        options,
        'PollHostCommand',
        input,
        randomUUID(),
        options.signal,
      ),
    /** With the id of the call, which the specification has to name. */
    getDeploymentSpecification: async (input: api.GetDeploymentSpecificationInput) => {
      const invocationId = randomUUID();
      const output = await again<
        api.GetDeploymentSpecificationInput,
        api.GetDeploymentSpecificationOutput
      >('GetDeploymentSpecification')(input, invocationId);
      return { ...output, invocationId };
    },
    putHostCommandAcknowledgement: again<
      api.PutHostCommandAcknowledgementInput,
      api.PutHostCommandAcknowledgementOutput
    >('PutHostCommandAcknowledgement'),
    putHostCommandComplete: again<api.PutHostCommandCompleteInput, object>(
      'PutHostCommandComplete',
    ),
  };
}

export type CommandsClient = ReturnType<typeof makeCommandsClient>;

/** No answer, throttling, or a fault of the server. Nobody waits for one that says too much. */
function isPassing(error: unknown): boolean {
  if (error instanceof TooLong) return false;
  if (!(error instanceof CommandError)) return true;
  return error.status >= 500
    ? error.status !== 501
    : error.status === 429 || error.name.startsWith('Throttling');
}

async function call<O>(
  options: CommandsClientOptions,
  operation: string,
  input: unknown,
  invocationId: string,
  signal?: AbortSignal,
): Promise<O> {
  const url = new URL(options.endpoint);
  const body = JSON.stringify(input);
  const signed = await sign(options, url, operation, body, invocationId);
  const { status, body: answer } = await ask(new URL('/', url), {
    method: 'POST',
    headers: signed.headers,
    body,
    ca: options.ca,
    signal,
    patience: { ...PATIENCE, ...options.patience },
    mostBytes: LONGEST_ANSWER,
  });
  if (status === 200) return JSON.parse(answer) as O;
  const { name, message } = readError(answer);
  throw new CommandError(name, message, status);
}

async function sign(
  options: CommandsClientOptions,
  url: URL,
  operation: string,
  body: string,
  invocationId: string,
): Promise<HttpRequest> {
  const signer = new SignatureV4({
    credentials: options.credentials(),
    region: options.region,
    service: SIGNING_NAME,
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
      'x-amz-target': `${TARGET_PREFIX}.${operation}`,
      'user-agent': 'slipway-agent',
      // As SDKs do: one id for all tries of a call.
      'amz-sdk-invocation-id': invocationId,
    },
    body,
  } as HttpRequest);
}

function readError(answer: string): { name: string; message: string } {
  try {
    const { __type = 'UnknownError', message, Message } = JSON.parse(answer);
    return {
      name: String(__type).split('#').at(-1) ?? '',
      message: String(message ?? Message ?? ''),
    };
  } catch {
    return { name: 'UnknownError', message: answer.slice(0, 200) };
  }
}
