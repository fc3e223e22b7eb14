import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { connect } from 'node:tls';
import { parseArgs } from 'node:util';
import { awsWarning, profileText } from './aws-version.ts';

const USAGE = `Usage: slipway env [--data DIR] [--json | --profile]
  Prints what the aws command, SDKs and git need to use the server on this data directory:
  eval "$(slipway env)"
  --profile prints a profile for ~/.aws/config instead, which "aws --profile slipway" uses.
`;

/** What a server writes to server.json in its data directory. */
interface ServerFile {
  endpoint: string;
  region: string;
  accountId: string;
  accessKeyId: string;
  secretAccessKey: string;
}

/** `slipway env`. @returns 0; 1 when there is no server on the directory; 2 for wrong usage */
export async function envCommand(argv: string[], environment = process.env): Promise<number> {
  const options = parse(argv);
  if (!options || options.help) {
    (options ? process.stdout : process.stderr).write(USAGE);
    return options ? 0 : 2;
  }
  const dataDir = resolve(options.data ?? environment.SLIPWAY_DATA ?? '.slipway');
  const server = readServerFile(dataDir);
  if (!server) {
    process.stderr.write(
      `slipway: no server has run on ${dataDir}: start one with "slipway up --data ${dataDir}"\n`,
    );
    return 1;
  }
  const answered = await makeServerReadyForTls(server.endpoint);
  if (!answered)
    process.stderr.write(`slipway: the server at ${server.endpoint} does not answer\n`);
  if (options.profile) {
    process.stdout.write(profileText(server));
    return 0;
  }
  const warning = awsWarning(server.endpoint, environment);
  if (warning) process.stderr.write(`slipway: ${warning}\n`);
  const variables = variablesOf(server, join(dataDir, 'ca.pem'));
  process.stdout.write(options.json ? `${JSON.stringify(variables)}\n` : shellText(variables));
  return 0;
}

function parse(argv: string[]) {
  const options = {
    data: { type: 'string' },
    json: { type: 'boolean' },
    profile: { type: 'boolean' },
    help: { type: 'boolean' },
  } as const;
  try {
    return parseArgs({ args: argv, options, strict: true }).values;
  } catch {
    return undefined;
  }
}

function readServerFile(dataDir: string): ServerFile | undefined {
  const file = join(dataDir, 'server.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

/** The server makes its CA when the first TLS connection comes, which is this one; AWS_CA_BUNDLE names a file that exists then. */
function makeServerReadyForTls(endpoint: string): Promise<boolean> {
  const { hostname, port } = new URL(endpoint);
  return new Promise((done) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port),
      rejectUnauthorized: false,
    });
    socket.once('secureConnect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}

function variablesOf(server: ServerFile, caFile: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: server.endpoint,
    AWS_ACCESS_KEY_ID: server.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
    AWS_REGION: server.region,
    AWS_DEFAULT_REGION: server.region,
    // A server with a certificate of its own (--tls-cert) has no CA.
    ...(existsSync(caFile) && { AWS_CA_BUNDLE: caFile }),
  };
}

/** A session token of other credentials would go along with these: it has to go. */
function shellText(variables: Record<string, string>): string {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quote(value)}`);
  return `${['unset AWS_SESSION_TOKEN', ...lines].join('\n')}\n`;
}

const quote = (text: string) =>
  /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
