import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { accountsOf } from '../lib/accounts.ts';
import { awsWarning, profileText } from './aws-version.ts';
import { parsed } from './parsed.ts';
import { dataDirOf, noAnswer, noServer, readServerFile, type ServerFile } from './server-file.ts';

const USAGE = `Usage: slipway env [--data DIR] [--account 222222222222] [--json | --profile]
  Prints what the aws command, SDKs and git need to use the server on this data directory:
  eval "$(slipway env)"
  --profile prints a profile for ~/.aws/config instead, which "aws --profile slipway" uses; that of a further
  account is slipway-222222222222. Put it in the place of the one that is there: aws refuses a file with both.
  Over https git has to be told of the server's CA: the last line that is printed says how.
`;

const OPTIONS = {
  account: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean' },
  profile: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

/** `slipway env`. @returns 0; 1 when there is no server on the directory; 2 for wrong usage */
export async function envCommand(argv: string[], environment = process.env): Promise<number> {
  const options = parsed({ args: argv, options: OPTIONS, strict: true })?.values;
  if (!options || options.help) {
    (options ? process.stdout : process.stderr).write(USAGE);
    return options ? 0 : 2;
  }
  const dataDir = dataDirOf(options.data, environment);
  const server = readServerFile(dataDir);
  if (!server) {
    process.stderr.write(`slipway: ${noServer(dataDir)}\n`);
    return 1;
  }
  const account = keyOf(options.account, server, dataDir);
  if (!account) {
    process.stderr.write(
      `slipway: there is no account ${options.account}: make it with "slipway account create --account ${options.account}"\n`,
    );
    return 1;
  }
  const certificate = await makeServerReadyForTls(server.endpoint);
  if (!certificate) process.stderr.write(`slipway: ${noAnswer(server.endpoint, dataDir)}\n`);
  const own = { ...server, ...account };
  const warning = awsWarning(server.endpoint, environment);
  if (warning) process.stderr.write(`slipway: ${warning}\n`);
  const git = gitWarning(environment);
  if (git) process.stderr.write(`slipway: ${git}\n`);
  if (options.profile) {
    const first = own.accountId === server.accountId;
    process.stdout.write(profileText(first ? 'slipway' : `slipway-${own.accountId}`, own));
    return 0;
  }
  const variables = variablesOf(own, join(dataDir, 'ca.pem'), certificate);
  process.stdout.write(options.json ? `${JSON.stringify(variables)}\n` : shellText(variables));
  return 0;
}

/** The root key of an account of the directory: the one that the server was started with, or a further one. */
function keyOf(accountId: string | undefined, server: ServerFile, dataDir: string) {
  if (accountId === undefined || accountId === server.accountId) return server;
  return accountsOf(dataDir).find(
    (account) => account.accountId === accountId && account.secretAccessKey !== undefined,
  );
}

/** The server makes its CA when the first TLS connection comes, which is this one; AWS_CA_BUNDLE names a file that exists then. */
function makeServerReadyForTls(endpoint: string): Promise<X509Certificate | undefined> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((done) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port),
      rejectUnauthorized: false,
    });
    socket.once('secureConnect', () => {
      done(socket.getPeerX509Certificate());
      socket.destroy();
    });
    socket.once('error', () => done(undefined));
  });
}

function variablesOf(
  server: ServerFile,
  caFile: string,
  certificate: X509Certificate | undefined,
): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    AWS_REGION: server.region,
    AWS_DEFAULT_REGION: server.region,
    // Live tails go to stream-HOST else, which no resolver knows.
    AWS_DISABLE_HOST_PREFIX_INJECTION: 'true',
    ...(isCaOf(caFile, certificate) && { AWS_CA_BUNDLE: caFile }),
  };
}

/** The CA of a server that was given a certificate (--tls-cert) signs deployment specifications, but not that. */
function isCaOf(caFile: string, certificate: X509Certificate | undefined): boolean {
  if (!existsSync(caFile)) return false;
  const ca = new X509Certificate(readFileSync(caFile));
  return !certificate || certificate.verify(ca.publicKey);
}

/** A session token of other credentials would go along with these: it has to go. */
function shellText(variables: Record<string, string>): string {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`);
  return `${['unset AWS_SESSION_TOKEN', ...lines, ...gitHint(variables)].join('\n')}\n`;
}

/** git reads the variable in place of every http.URL.sslCAInfo. */
function gitWarning({ GIT_SSL_CAINFO: file }: NodeJS.ProcessEnv): string | undefined {
  return file === undefined
    ? undefined
    : `GIT_SSL_CAINFO is ${file}: git over https trusts what it names alone, whatever its configuration says. Unset it, or append this server's ca.pem.`;
}

/** For this server alone: GIT_SSL_CAINFO would take every other server's certificate from git. */
function gitHint({ AWS_CA_BUNDLE: ca, AWS_ENDPOINT_URL: endpoint = '' }: Record<string, string>) {
  const url = endpoint.replace(/^http:/, 'https:');
  return ca ? [`# git over https: git config --global http.${url}.sslCAInfo ${quote(ca)}`] : [];
}

const quote = (text: string) =>
  /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
