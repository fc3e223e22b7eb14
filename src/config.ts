import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { isAddressBlock } from './lib/address-block.ts';
import { isLoopback } from './lib/loopback.ts';
import { machinePath } from './lib/machine-environment.ts';
import { pickVariables } from './lib/network-environment.ts';
import { type OtlpSettings, otlpSettings } from './lib/otlp-settings.ts';
import { setOwn } from './lib/own.ts';
import { UsageError } from './lib/start-error.ts';
import { upstreamService } from './lib/upstream.ts';

/** What a server is started with. Only this file reads process.env. */
export interface Config {
  host: string;
  port: number;
  /** Where git over SSH is served, and whether somebody asked for it; undefined: nowhere. */
  ssh?: { port: number; given: boolean } | undefined;
  /** Absolute; for `:memory:` a temporary directory that the start makes and the stop removes. */
  dataDir: string;
  /** `--data :memory:`: the data go when the server stops. */
  ephemeral: boolean;
  auth: 'strict' | 'relaxed';
  executor: 'auto' | 'docker' | 'process';
  /** Builds without a sandbox also where other machines reach the server. */
  allowUnsandboxedBuilds: boolean;
  /** The account of the root key; the start puts that of the data directory here where none was given. */
  accountId: string;
  /** Whether `--account` or its variable says so. */
  accountGiven: boolean;
  region: string;
  /** `postgres://…`, or undefined for SQLite under the data directory. */
  databaseUrl?: string;
  /** Where to write the ready file, or undefined. */
  readyFile?: string;
  rootAccessKeyId?: string;
  rootSecretAccessKey?: string;
  /** Certificate and key for TLS in place of the server's own CA. */
  tlsCert?: string;
  tlsKey?: string;
  /** Host names by which a relaxed server is reached, besides those that can only be its own. */
  allowedHosts: string[];
  /** Addresses and CIDR blocks besides the internet's to which requests go that users configure (webhooks). */
  allowedTargets: string[];
  /** Directories of this machine below which a connection's repositories may be. */
  fileRemotes: string[];
  /** Forges that stand in for others: host name (`github.com`) to the URL below which its repositories really are. */
  forges: Record<string, string>;
  /** How often the repositories of connections are looked at whose changes nobody tells. */
  connectionPollSeconds: number;
  /** ARN of a chat client of AWS's to the incoming webhook of its channel, which is a secret. */
  chatWebhooks: Record<string, string>;
  /** By what others reach the server, for links in mails and messages; undefined: where it listens. */
  publicUrl?: string;
  /** Where mails go; undefined: into `outbox/` of the data directory. It may hold a password. */
  smtpUrl?: string;
  /** Sender of mails. */
  mailFrom: string;
  logLevel: string;
  /** Where traces of executions go; undefined: nowhere. */
  otlp?: OtlpSettings;
  /** Where repositories are worked on, in the clear; undefined: in memory, where there is some. */
  workingCopies?: string;
  /** Builds that this machine runs at once; undefined: as many as it bears, 60 at most. */
  builds?: number;
  /** Fetches and pushes of git that may be under way at once, in all and of one repository; undefined: 256 and 100. */
  gitTransfers?: { all: number; ofOne: number };
  /** Quotas of every account that are others than AWS's, by `codebuild/L-ACCF6C0D`. */
  quotas: Record<string, number>;
  /** The machine's PATH: where git, and the shell's commands for builds, are found. */
  searchPath: string;
  /** Images that stand in for others: a name, or one that ends with `*`, to that of the image that is used. */
  images: Record<string, string>;
  /** When the image of a container is asked of its registry. */
  imagePull: 'missing' | 'always' | 'never';
  /** DOCKER_HOST, which the engine's client reads itself, says where the engine is. */
  dockerElsewhere: boolean;
  /** Variables of this process that builds get too (`--build-env`). */
  buildEnvironment: Record<string, string>;
  /** Answer 500 to calls whose output is not as its model says: the tests' variable SLIPWAY_CHECK_OUTPUTS. */
  checkOutputs: boolean;
  /** Service name (`lambda`) to the endpoint that its in-process clients go to instead. */
  upstream: Record<string, string>;
}

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  data: { type: 'string' },
  auth: { type: 'string' },
  executor: { type: 'string' },
  'allow-unsandboxed-builds': { type: 'boolean' },
  account: { type: 'string' },
  region: { type: 'string' },
  database: { type: 'string' },
  'ready-file': { type: 'string' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'log-level': { type: 'string' },
  'build-env': { type: 'string' },
  'allowed-host': { type: 'string', multiple: true },
  'allow-internal-targets': { type: 'string', multiple: true },
  'allow-file-remotes': { type: 'string', multiple: true },
  forges: { type: 'string' },
  'connection-poll': { type: 'string' },
  'chat-webhooks': { type: 'string' },
  'public-url': { type: 'string' },
  'smtp-url': { type: 'string' },
  'mail-from': { type: 'string' },
  'otlp-endpoint': { type: 'string' },
  builds: { type: 'string' },
  'working-copies': { type: 'string' },
  'git-transfers': { type: 'string' },
  images: { type: 'string' },
  'image-pull': { type: 'string' },
  quotas: { type: 'string' },
  'ssh-port': { type: 'string' },
} as const;

const SSH_PORT = 4522;

/** Pino's. */
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

export const UP_USAGE = `slipway up [--port 4566] [--ssh-port 4522|off] [--host 127.0.0.1]
  [--data DIR | --data :memory:]
  [--auth strict|relaxed] [--executor auto|docker|process]
  [--allow-unsandboxed-builds] [--account 000000000000]
  [--region us-east-1] [--database postgres://…] [--ready-file FILE]
  [--tls-cert FILE --tls-key FILE] [--log-level warn] [--allowed-host NAME]…
  [--allow-internal-targets CIDR,CIDR…] [--public-url https://…]
  [--allow-file-remotes DIR,DIR…] [--connection-poll 30]
  [--forges github.com=http://git.example.com,…]
  [--chat-webhooks ARN=URL,ARN=URL…]
  [--smtp-url smtp://…] [--mail-from no-reply@slipway.localhost]
  [--otlp-endpoint http://localhost:4318]
  [--working-copies DIR] [--git-transfers 256,100] [--builds N] [--build-env NAME,NAME…]
  [--quotas codebuild/L-ACCF6C0D=9000,…]
  [--images aws/codebuild/standard:7.0=IMAGE,aws/codebuild/*=IMAGE…]
  [--image-pull missing|always|never]
Each flag has an environment variable: SLIPWAY_PORT and so on.
SLIPWAY_UPSTREAM_LAMBDA=https://… says where a service is that is not here.`;

/** Reads flags, then environment variables, then defaults. @throws UsageError naming what is wrong. */
export function readConfig(
  argv: string[],
  env: Record<string, string | undefined> = process.env,
): Config {
  const flags = parseFlags(argv);
  const value = (name: keyof typeof OPTIONS, fallback: string): string => {
    const flag = flags[name];
    const given = flag?.toString();
    return given ?? env[`SLIPWAY_${name.toUpperCase().replaceAll('-', '_')}`] ?? fallback;
  };
  const data = value('data', '.slipway');
  const host = value('host', '127.0.0.1');
  const port = portNumber('port', value('port', '4566'));
  const config: Config = {
    ...{ host, port, ssh: sshPort(value('ssh-port', ''), host, port) },
    dataDir: data === ':memory:' ? data : resolve(data),
    ephemeral: data === ':memory:',
    auth: oneOf('auth', value('auth', 'strict'), ['strict', 'relaxed']),
    executor: oneOf('executor', value('executor', 'auto'), ['auto', 'docker', 'process']),
    allowUnsandboxedBuilds: /^(true|1|yes)$/.test(value('allow-unsandboxed-builds', 'false')),
    accountId: accountNumber(value('account', '000000000000')),
    accountGiven: value('account', '') !== '',
    region: value('region', 'us-east-1'),
    databaseUrl: databaseUrl(value('database', '')),
    readyFile: value('ready-file', '') || undefined,
    rootAccessKeyId: env.SLIPWAY_ROOT_ACCESS_KEY_ID || undefined,
    rootSecretAccessKey: env.SLIPWAY_ROOT_SECRET_ACCESS_KEY || undefined,
    tlsCert: value('tls-cert', '') || undefined,
    tlsKey: value('tls-key', '') || undefined,
    allowedHosts: hostNames(value('allowed-host', '')),
    allowedTargets: addressBlocks(value('allow-internal-targets', '')),
    fileRemotes: directories(value('allow-file-remotes', '')),
    forges: forges(value('forges', '')),
    connectionPollSeconds: pollSeconds(value('connection-poll', '30')),
    chatWebhooks: chatWebhooks(value('chat-webhooks', '')),
    publicUrl: publicUrl(value('public-url', '')),
    smtpUrl: smtpUrl(value('smtp-url', '')),
    mailFrom: mailAddress(value('mail-from', 'no-reply@slipway.localhost')),
    otlp: otlp(value('otlp-endpoint', ''), env),
    logLevel: oneOf('log-level', value('log-level', 'warn'), LOG_LEVELS),
    ...(value('working-copies', '') && { workingCopies: resolve(value('working-copies', '')) }),
    gitTransfers: gitTransfers(value('git-transfers', '')),
    builds: buildCount(value('builds', '')),
    images: imageNames(value('images', '')),
    dockerElsewhere: Boolean(env.DOCKER_HOST),
    imagePull: oneOf('image-pull', value('image-pull', 'missing'), ['missing', 'always', 'never']),
    quotas: quotaValues(value('quotas', '')),
    searchPath: machinePath(env.PATH ?? ''),
    buildEnvironment: buildEnvironment(value('build-env', ''), env),
    checkOutputs: env.SLIPWAY_CHECK_OUTPUTS === '1',
    upstream: upstreams(env),
  };
  if (config.auth === 'relaxed' && !isLoopback(config.host)) {
    throw new UsageError(
      `--auth relaxed is refused on ${config.host}: it accepts any signature, so loopback only.`,
    );
  }
  if ((config.tlsCert === undefined) !== (config.tlsKey === undefined)) {
    throw new UsageError('--tls-cert and --tls-key go together: a certificate and its key.');
  }
  return config;
}

function parseFlags(
  argv: string[],
): Partial<Record<keyof typeof OPTIONS, string | boolean | (string | boolean)[]>> {
  try {
    return parseArgs({ args: argv, options: OPTIONS, strict: true }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${UP_USAGE}`);
  }
}

function buildEnvironment(
  list: string,
  env: Record<string, string | undefined>,
): Record<string, string> {
  try {
    return pickVariables(list, env);
  } catch (error) {
    throw new UsageError(`--build-env: ${(error as Error).message}.`);
  }
}

function otlp(endpoint: string, env: Record<string, string | undefined>): OtlpSettings | undefined {
  try {
    return otlpSettings(endpoint, env);
  } catch (error) {
    throw new UsageError(`--otlp-endpoint: ${(error as Error).message}.`);
  }
}

function hostNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  const wrong = names.find((name) => !/^[A-Za-z0-9._-]*$/.test(name));
  if (wrong !== undefined)
    throw new UsageError(`--allowed-host must be host names without a port, not ${wrong}.`);
  return names.filter((name) => name !== '');
}

function addressBlocks(text: string): string[] {
  const blocks = text.split(',').flatMap((block) => block.trim() || []);
  const wrong = blocks.find((block) => !isAddressBlock(block));
  if (wrong !== undefined)
    throw new UsageError(
      `--allow-internal-targets takes addresses or CIDR blocks such as 10.0.0.0/8, not ${wrong}.`,
    );
  return blocks;
}

function directories(text: string): string[] {
  return text
    .split(',')
    .filter((name) => name.trim() !== '')
    .map((name) => resolve(name.trim()));
}

function pollSeconds(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text))
    throw new UsageError(`--connection-poll must be a number of seconds from 1, not ${text}.`);
  return Number(text);
}

/** `HOST=URL,HOST=URL` */
function forges(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of text.split(',').filter((one) => one.trim() !== '')) {
    const [, host, url = ''] =
      /^([A-Za-z0-9.-]+(?::\d+)?)=(https?:\/\/\S+)$/.exec(entry.trim()) ?? [];
    const its = URL.parse(url);
    if (host === undefined || !its || its.username || its.password || its.search || its.hash)
      throw new UsageError(
        '--forges takes HOST=URL,…, such as github.com=http://git.example.com, the URL without name and password.',
      );
    setOwn(found, host.toLowerCase(), url.replace(/\/$/, ''));
  }
  return found;
}

/** `ARN=URL,ARN=URL`. What is wrong is not said again: who has such a URL can write into the channel. */
function chatWebhooks(text: string): Record<string, string> {
  const entries = text.split(',').filter((entry) => entry.trim() !== '');
  return Object.fromEntries(
    entries.map((entry) => {
      const [, arn, url = ''] = CHAT_WEBHOOK.exec(entry.trim()) ?? [];
      if (arn === undefined || !URL.canParse(url))
        throw new UsageError(
          '--chat-webhooks takes ARN=URL,…, the ARN one of a chat client such as arn:aws:chatbot::123456789012:chat-configuration/slack-channel/NAME, the URL http://… or https://….',
        );
      return [arn, url];
    }),
  );
}

const CHAT_WEBHOOK =
  /^(arn:[\w-]+:chatbot::\d{12}:chat-configuration\/(?:slack-channel|microsoft-teams-channel)\/[^/=]+)=(https?:\/\/\S+)$/;

function publicUrl(text: string): string | undefined {
  if (text === '') return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!/^https?:$/.test(url?.protocol ?? '') || url?.search || url?.hash)
    throw new UsageError(`--public-url must be http://… or https://…, not ${text}.`);
  return text.replace(/\/$/, '');
}

/** Not said again: it may hold a password. */
function smtpUrl(text: string): string | undefined {
  if (text !== '' && !(URL.canParse(text) && /^smtps?:\/\//.test(text)))
    throw new UsageError(
      '--smtp-url must be smtp://… or smtps://…, or not given for files in outbox/.',
    );
  return text || undefined;
}

function mailAddress(text: string): string {
  if (!/^[\w.+-]+@[\w.-]+$/.test(text))
    throw new UsageError(`--mail-from must be a mail address, not ${text}.`);
  return text;
}

function oneOf<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((a) => a === text);
  if (!found) throw new UsageError(`--${name} must be one of ${allowed.join(', ')}, not ${text}.`);
  return found;
}

function portNumber(name: string, text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65535)
    throw new UsageError(`--${name} must be 0 to 65535, not ${text}.`);
  return port;
}

/** Nobody but this machine's programs is served by SSH who did not ask for it. */
function sshPort(text: string, host: string, port: number): Config['ssh'] {
  if (text === 'off' || (text === '' && !isLoopback(host))) return undefined;
  if (text === '') return { port: port === 0 ? 0 : SSH_PORT, given: false };
  return { port: portNumber('ssh-port', text), given: true };
}

/** Not said again: it may hold a password. */
function databaseUrl(text: string): string | undefined {
  if (text !== '' && !/^postgres(ql)?:\/\//.test(text))
    throw new UsageError('--database must be postgres://…, or not given for SQLite.');
  return text || undefined;
}

function buildCount(text: string): number | undefined {
  if (text === '') return undefined;
  if (!/^[1-9]\d{0,4}$/.test(text))
    throw new UsageError(`--builds must be a number of builds from 1, not ${text}.`);
  return Number(text);
}

/** `256,100`: in all, and of one repository; one number is for both. */
function gitTransfers(text: string): Config['gitTransfers'] {
  if (text === '') return undefined;
  const [, all, ofOne = all] = /^([1-9]\d{0,4})(?:,([1-9]\d{0,4}))?$/.exec(text) ?? [];
  if (all === undefined)
    throw new UsageError(`--git-transfers must be one or two numbers from 1, not ${text}.`);
  return { all: Number(all), ofOne: Number(ofOne) };
}

/** `NAME=IMAGE,PREFIX*=IMAGE` */
function imageNames(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const entry of text.split(',').filter((each) => each.trim() !== '')) {
    const [, name, image] = /^([^\s=*]+\*?)=([^\s=*]+)$/.exec(entry.trim()) ?? [];
    if (name === undefined || image === undefined)
      throw new UsageError(
        `--images takes NAME=IMAGE,…, such as aws/codebuild/standard:7.0=build:1 or aws/codebuild/*=build:1, not ${entry.trim()}.`,
      );
    setOwn(found, name, image);
  }
  return found;
}

/** `codebuild/L-ACCF6C0D=9000,…` */
function quotaValues(text: string): Record<string, number> {
  const entries = text.split(',').filter((entry) => entry.trim() !== '');
  return Object.fromEntries(
    entries.map((entry) => {
      const [, key, value] = /^([a-z0-9-]+\/[A-Za-z0-9-]+)=(\d{1,10})$/.exec(entry.trim()) ?? [];
      if (key === undefined)
        throw new UsageError(`--quotas takes SERVICE/CODE=NUMBER,…, not ${entry.trim()}.`);
      return [key, Number(value)];
    }),
  );
}

function accountNumber(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new UsageError(`--account must be 12 digits, not ${text}.`);
  return text;
}

/** Where services are that are not this server's to answer for, by their signing names. */
function upstreams(env: Record<string, string | undefined>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    const service = upstreamService(name);
    if (service === undefined || !value) continue;
    if (!/^https?:$/.test(URL.parse(value)?.protocol ?? ''))
      throw new UsageError(
        `${name} must be a URL, such as https://lambda.us-east-1.amazonaws.com.`,
      );
    setOwn(found, service, value);
  }
  return found;
}
