import { accountsOf } from '../lib/accounts.ts';
import { dataDirOf, noServer, readServerFile } from './server-file.ts';

/** Where a client goes, and with what key: what SDK clients take. */
export interface Server {
  endpoint: string;
  region: string;
  /** undefined: whatever the SDK finds in the environment and in profiles. */
  credentials?: { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined;
}

/** What names a server on a command line. */
export const SERVER_OPTIONS = {
  data: { type: 'string' },
  account: { type: 'string' },
  region: { type: 'string' },
} as const;

export const SERVER_USAGE = `  --data DIR, --account NUMBER  the server on this data directory, under that account's root key; else the one that
                                AWS_ENDPOINT_URL names, under the keys of the environment; else that on .slipway
  --region REGION               default: the server's, or AWS_REGION`;

export interface ServerOptions {
  data?: string | undefined;
  account?: string | undefined;
  region?: string | undefined;
}

/**
 * The server that a command is for: the caller's, under the caller's own rights, where the environment tells of one.
 * @returns why there is none, as a text
 */
export function serverOf(options: ServerOptions, environment: NodeJS.ProcessEnv): Server | string {
  const { AWS_ENDPOINT_URL: endpoint, AWS_REGION, AWS_DEFAULT_REGION } = environment;
  const named = options.data !== undefined || options.account !== undefined;
  if (endpoint && !named) {
    const region = options.region ?? AWS_REGION ?? AWS_DEFAULT_REGION ?? 'us-east-1';
    return { endpoint, region, credentials: keyOf(environment) };
  }
  const dataDir = dataDirOf(options.data, environment);
  const file = readServerFile(dataDir);
  if (!file) return noServer(dataDir);
  const { account } = options;
  const region = options.region ?? file.region;
  const key =
    account === undefined || account === file.accountId
      ? file
      : accountsOf(dataDir).find(({ accountId }) => accountId === account);
  const { accessKeyId, secretAccessKey } = key ?? {};
  if (accessKeyId === undefined || secretAccessKey === undefined)
    return `there is no account ${account}: make it with "slipway account create --account ${account}"`;
  return { endpoint: file.endpoint, region, credentials: { accessKeyId, secretAccessKey } };
}

function keyOf(environment: NodeJS.ProcessEnv): Server['credentials'] {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = environment;
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

/** What SDK clients are made with. */
export const clientConfig = ({ endpoint, region, credentials }: Server) => ({
  ...{ endpoint, region, ...(credentials && { credentials }) },
  // Live tails go to stream-HOST else, which no resolver knows.
  disableHostPrefix: true,
});

/** What went wrong with a call, for people. */
export function failureText(error: unknown, { endpoint }: Pick<Server, 'endpoint'>): string {
  const { name, message, code } = error as Error & { code?: string };
  if (code === 'ECONNREFUSED') return `the server at ${endpoint} does not answer`;
  return `${name}: ${message}`;
}
