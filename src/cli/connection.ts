import { append } from '../lib/append.ts';
import { textAtMost } from '../lib/at-most.ts';
import { ownValue } from '../lib/own.ts';
import { type Caller, CallRefused, callAws, callerOf } from './call-aws.ts';
import { parsed } from './parsed.ts';

const USAGE = `Usage: slipway connection list [--json]
       slipway connection complete ARN [--url URL] [--username NAME] [--password-stdin] [--json]
       slipway connection map OWNER/NAME --url URL [--username NAME] [--password-stdin] [--connection ARN]
       slipway connection unmap OWNER/NAME [--connection ARN]
  Says where the repositories of a connection are, and with what they are read.
  complete  makes a PENDING connection AVAILABLE: its repositories are below URL (default: its provider's own), and
            prints the webhook to give to the provider. Said again it prints the webhook again
  map       one repository of the connection is elsewhere: at any git URL, or at file:///DIR below what
            "slipway up --allow-file-remotes DIR" allows
  unmap     it is below the connection's URL again
  The password, or token, is read from standard input: GitHub takes any name with it, GitLab oauth2, Bitbucket
  x-token-auth. Without --connection the account must have one connection. Calls are made as the environment of the
  aws command says, or with the root key of the server on --data DIR.
`;

const OPTIONS = {
  url: { type: 'string' },
  username: { type: 'string' },
  'password-stdin': { type: 'boolean' },
  connection: { type: 'string' },
  data: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const;

interface Options {
  url?: string | undefined;
  username?: string | undefined;
  'password-stdin'?: boolean | undefined;
  connection?: string | undefined;
  json?: boolean | undefined;
}

interface Connection {
  ConnectionArn: string;
  ConnectionName: string;
  ConnectionStatus: string;
  ProviderType: string;
}

interface Target {
  FullRepositoryId?: string;
  Url: string;
  UserName?: string;
}

type Command = (caller: Caller, options: Options, subject: string) => Promise<unknown>;

const LONGEST_PASSWORD = 8192;
const TARGET = 'com.amazonaws.codestar.connections.CodeStar_connections_20191201';

/** `slipway connection`. @returns 0; 1 when it cannot be done; 2 for wrong usage */
export async function connectionCommand(
  argv: string[],
  environment = process.env,
): Promise<number> {
  const { values: options, positionals = [] } =
    parsed({ args: argv, options: OPTIONS, strict: true, allowPositionals: true }) ?? {};
  if (options?.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const [name = '', subject, ...rest] = positionals;
  const run = ownValue(COMMANDS, name);
  const isWrong = rest.length > 0 || (name === 'list') !== (subject === undefined);
  if (!options || !run || isWrong || (name === 'map' && options.url === undefined)) {
    process.stderr.write(USAGE);
    return 2;
  }
  const caller = callerOf(options.data, environment);
  try {
    if ('reason' in caller) throw new Error(caller.reason);
    const said = await run(caller, options, subject ?? '');
    process.stdout.write(options.json ? `${JSON.stringify(said)}\n` : textOf(said));
    return 0;
  } catch (error) {
    const { code, message } = error as CallRefused;
    process.stderr.write(`slipway: ${error instanceof CallRefused ? `${code}: ` : ''}${message}\n`);
    return 1;
  }
}

const COMMANDS: Record<string, Command> = {
  async list(caller) {
    const found = await connectionsOf(caller);
    return Promise.all(
      found.map(async (one) => {
        const asked = { ConnectionArn: one.ConnectionArn };
        const { Targets } = await call<{ Targets: Target[] }>(
          caller,
          'ListInstallationTargets',
          asked,
        );
        return { ...one, Targets };
      }),
    );
  },
  complete: async (caller, options, ConnectionArn) => {
    const input = { ConnectionArn, ...(await installationOf(options)) };
    return { ConnectionArn, ...(await call<object>(caller, UPDATE, input)) };
  },
  async map(caller, options, FullRepositoryId) {
    const ConnectionArn = options.connection ?? (await onlyConnection(caller));
    const its = await installationOf(options);
    await call(caller, UPDATE, { ConnectionArn, FullRepositoryId, ...its });
    return { ConnectionArn, FullRepositoryId, Url: options.url };
  },
  async unmap(caller, options, FullRepositoryId) {
    const ConnectionArn = options.connection ?? (await onlyConnection(caller));
    await call(caller, UPDATE, { ConnectionArn, FullRepositoryId, Remove: true });
    return { ConnectionArn, FullRepositoryId };
  },
};

const UPDATE = 'UpdateConnectionInstallation';

function call<O>(
  caller: Caller,
  operation: string,
  input: { ConnectionArn?: string; [member: string]: unknown },
): Promise<O> {
  // A connection of another Region is asked about there.
  const region = input.ConnectionArn?.split(':')[3] || caller.region;
  const target = `${TARGET}.${operation}`;
  return callAws(caller, { service: 'codestar-connections', target, region }, input);
}

async function connectionsOf(caller: Caller): Promise<Connection[]> {
  const all: Connection[] = [];
  for (let NextToken: string | undefined; ; ) {
    const page = await call<{ Connections: Connection[]; NextToken?: string }>(
      caller,
      'ListConnections',
      NextToken === undefined ? {} : { NextToken },
    );
    append(all, page.Connections);
    NextToken = page.NextToken;
    if (NextToken === undefined) return all;
  }
}

async function onlyConnection(caller: Caller): Promise<string> {
  const [first, ...others] = await connectionsOf(caller);
  if (first && others.length === 0) return first.ConnectionArn;
  throw new Error(
    first ? 'there are several connections: name one by --connection' : 'there is no connection',
  );
}

async function installationOf({ url, username, 'password-stdin': hasPassword }: Options) {
  const Password = hasPassword ? await readPassword() : undefined;
  return {
    ...(url !== undefined && { Url: url }),
    ...(username !== undefined && { UserName: username }),
    // Who has a token only needs some name beside it.
    ...(Password !== undefined && { Password, UserName: username ?? 'x-access-token' }),
  };
}

async function readPassword(): Promise<string> {
  const text = await textAtMost(process.stdin, LONGEST_PASSWORD, 'The password');
  const password = text.replace(/\r?\n$/, '');
  if (password === '') throw new Error('there is no password on standard input');
  return password;
}

function textOf(said: unknown): string {
  if (Array.isArray(said)) return said.map((one) => connectionText(one)).join('');
  const its = said as Record<string, string>;
  return its.WebhookUrl === undefined
    ? `${its.FullRepositoryId}  ${its.Url ?? "below the connection's URL"}\n`
    : `The connection is available.\nwebhook  ${its.WebhookUrl}\nsecret   ${its.WebhookSecret}\n`;
}

function connectionText(its: Connection & { Targets: Target[] }): string {
  const targets = its.Targets.map(
    ({ FullRepositoryId = '*', Url, UserName }) =>
      `  ${FullRepositoryId}  ${Url}${UserName === undefined ? '' : `  as ${UserName}`}\n`,
  );
  return `${its.ConnectionStatus}  ${its.ConnectionName} (${its.ProviderType})  ${its.ConnectionArn}\n${targets.join('')}`;
}
