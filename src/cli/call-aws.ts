import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import type { HttpRequest } from '@smithy/types';
import { textAtMost } from '../lib/at-most.ts';
import { dataDirOf, noServer, readServerFile } from './server-file.ts';
import { ANSWER_MS } from './signed-get.ts';

/** Where calls go, and in whose name. */
export interface Caller {
  endpoint: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** A call that was refused: its code, and why. */
export class CallRefused extends Error {
  override name = 'CallRefused';
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const LONGEST_ANSWER = 4 * 1024 * 1024;

/**
 * Who calls: what the environment of the `aws` command says (`slipway env` prints it), or the root key of the server on the
 * data directory. @returns why not, where there is neither
 */
export function callerOf(
  data: string | undefined,
  environment: NodeJS.ProcessEnv,
): Caller | { reason: string } {
  const { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: accessKeyId } = environment;
  const { AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN: sessionToken } = environment;
  if (data === undefined && endpoint && accessKeyId && secretAccessKey) {
    const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? 'us-east-1';
    const key = { endpoint, region, accessKeyId, secretAccessKey };
    return sessionToken ? { ...key, sessionToken } : key;
  }
  const directory = dataDirOf(data, environment);
  return readServerFile(directory) ?? { reason: noServer(directory) };
}

/** One call of a JSON API. @param target `PREFIX.Operation` @throws CallRefused */
export async function callAws<O>(
  caller: Caller,
  { service, target, region = caller.region }: { service: string; target: string; region?: string },
  input: object,
): Promise<O> {
  const url = new URL(caller.endpoint);
  const body = JSON.stringify(input);
  const signer = new SignatureV4({ credentials: caller, region, service, sha256: Sha256 });
  const { headers } = await signer.sign({
    ...{ method: 'POST', protocol: url.protocol, hostname: url.hostname, path: '/', query: {} },
    headers: {
      host: url.host,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
    },
    body,
  } as HttpRequest);
  const signal = AbortSignal.timeout(ANSWER_MS);
  const answer = await fetch(new URL('/', url), { method: 'POST', headers, body, signal });
  const text = answer.body && (await textAtMost(answer.body, LONGEST_ANSWER, 'The answer'));
  const said = JSON.parse(text || '{}');
  if (answer.ok) return said as O;
  throw new CallRefused(String(said.__type ?? answer.status), String(said.message ?? ''));
}
