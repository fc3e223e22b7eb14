import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What a server is started with. Only this file reads process.env. */
export interface Config {
  host: string;
  port: number;
  /** Absolute; for `:memory:` a temporary directory that main makes and removes. */
  dataDir: string;
  /** `--data :memory:`: the data go when the server stops. */
  ephemeral: boolean;
  auth: 'strict' | 'relaxed';
  executor: 'auto' | 'docker' | 'process';
  /** Builds without a sandbox also where other machines reach the server. */
  allowUnsandboxedBuilds: boolean;
  /** The account of the root key. */
  accountId: string;
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
  logLevel: string;
  /** PATH of this process: where git, and the shell's commands for builds, are found. */
  searchPath: string;
  /** Service name (`lambda`) to the endpoint that its in-process clients go to instead. */
  upstream: Record<string, string>;
}

/** Wrong usage: exit code 2. */
export class UsageError extends Error {}

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
} as const;

export const UP_USAGE = `slipway up [--port 4566] [--host 127.0.0.1] [--data DIR | --data :memory:]
  [--auth strict|relaxed] [--executor auto|docker|process]
  [--allow-unsandboxed-builds] [--account 000000000000]
  [--region us-east-1] [--database postgres://…] [--ready-file FILE]
  [--tls-cert FILE --tls-key FILE] [--log-level info]
Each flag has an environment variable: SLIPWAY_PORT and so on.`;

/** Reads flags, then environment variables, then defaults. @throws UsageError naming what is wrong. */
export function readConfig(
  argv: string[],
  env: Record<string, string | undefined> = process.env,
): Config {
  const flags = parseFlags(argv);
  const value = (name: keyof typeof OPTIONS, fallback: string): string =>
    flags[name]?.toString() ??
    env[`SLIPWAY_${name.toUpperCase().replaceAll('-', '_')}`] ??
    fallback;
  const data = value('data', '.slipway');
  const config: Config = {
    host: value('host', '127.0.0.1'),
    port: portNumber(value('port', '4566')),
    dataDir: data === ':memory:' ? data : resolve(data),
    ephemeral: data === ':memory:',
    auth: oneOf('auth', value('auth', 'strict'), ['strict', 'relaxed']),
    executor: oneOf('executor', value('executor', 'auto'), ['auto', 'docker', 'process']),
    allowUnsandboxedBuilds: /^(true|1|yes)$/.test(value('allow-unsandboxed-builds', 'false')),
    accountId: accountNumber(value('account', '000000000000')),
    region: value('region', 'us-east-1'),
    databaseUrl: value('database', '') || undefined,
    readyFile: value('ready-file', '') || undefined,
    rootAccessKeyId: env.SLIPWAY_ROOT_ACCESS_KEY_ID || undefined,
    rootSecretAccessKey: env.SLIPWAY_ROOT_SECRET_ACCESS_KEY || undefined,
    tlsCert: value('tls-cert', '') || undefined,
    tlsKey: value('tls-key', '') || undefined,
    logLevel: value('log-level', 'warn'),
    searchPath: env.PATH ?? '',
    upstream: upstreams(env),
  };
  if (config.auth === 'relaxed' && !isLoopback(config.host)) {
    throw new UsageError(
      `--auth relaxed is refused on ${config.host}: it accepts any signature, so loopback only.`,
    );
  }
  return config;
}

function parseFlags(argv: string[]): Partial<Record<keyof typeof OPTIONS, string | boolean>> {
  try {
    return parseArgs({ args: argv, options: OPTIONS, strict: true }).values;
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n${UP_USAGE}`);
  }
}

function oneOf<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  const found = allowed.find((a) => a === text);
  if (!found) throw new UsageError(`--${name} must be one of ${allowed.join(', ')}, not ${text}.`);
  return found;
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535)
    throw new UsageError(`--port must be 0 to 65535, not ${text}.`);
  return port;
}

function accountNumber(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new UsageError(`--account must be 12 digits, not ${text}.`);
  return text;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function upstreams(env: Record<string, string | undefined>): Record<string, string> {
  const found = Object.entries(env).filter(
    ([name, value]) => name.startsWith('SLIPWAY_UPSTREAM_') && value,
  );
  return Object.fromEntries(
    found.map(([name, value]) => [
      name.slice('SLIPWAY_UPSTREAM_'.length).toLowerCase(),
      value as string,
    ]),
  );
}
