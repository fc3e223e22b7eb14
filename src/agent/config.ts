import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ownValue, setOwn } from '../lib/own.ts';
import { systemWords } from './system-error.ts';

/** Where the official agent looks for the on-premises file. */
export const ON_PREMISES_CONFIG = '/etc/codedeploy-agent/conf/codedeploy.onpremises.yml';

export interface AgentCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** What the official on-premises file says, or an EC2 instance's metadata. */
export interface OnPremisesConfig {
  region: string;
  /** ARN of the IAM user or session that the instance is registered with, or of the EC2 instance. */
  hostIdentifier: string;
  /** Tells this registration from another of the same name. */
  registration: string;
  /** File of the CA certificates that the host trusts: Slipway's own member, which the official agent reads past. */
  caBundle?: string;
  /** Asked for each call: session credentials are refreshed in their file, those of an instance by its metadata. */
  credentials(): AgentCredentials | Promise<AgentCredentials>;
}

/** A configuration that cannot be used; the message says what to change. */
export class ConfigError extends Error {}

/** Reads the on-premises configuration file (CD-ONP-02). @throws ConfigError */
export function readOnPremisesConfig(file: string): OnPremisesConfig {
  const values = readYaml(file);
  const text = (key: string): string | undefined => {
    const value = ownValue(values, key) ?? ownValue(values, `:${key}`);
    return value === undefined || value === null || value === '' ? undefined : String(value);
  };
  const need = (key: string): string => {
    const value = text(key);
    if (!value) throw new ConfigError(`${file} has no ${key}.`);
    return value;
  };
  const region = need('region');
  const caBundle = text('ca_bundle');
  const session = text('iam_session_arn');
  if (session) {
    const credentialsFile = need('aws_credentials_file');
    return {
      ...{ region, caBundle },
      hostIdentifier: session,
      registration: session,
      credentials: () => readCredentialsFile(credentialsFile),
    };
  }
  const keys = {
    accessKeyId: need('aws_access_key_id'),
    secretAccessKey: need('aws_secret_access_key'),
  };
  const hostIdentifier = need('iam_user_arn');
  const registration = `${hostIdentifier} ${keys.accessKeyId}`;
  return { region, caBundle, hostIdentifier, registration, credentials: () => keys };
}

function readYaml(file: string): Record<string, unknown> {
  let read: unknown;
  try {
    read = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(`${file} cannot be read: ${systemWords(error)}`);
  }
  if (typeof read !== 'object' || read === null)
    throw new ConfigError(`${file} is no YAML mapping.`);
  return read as Record<string, unknown>;
}

/** The default profile of an AWS credentials file. */
function readCredentialsFile(file: string): AgentCredentials {
  const values: Record<string, string> = {};
  let profile = 'default';
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const section = /^\s*\[(.+)\]\s*$/.exec(line);
    if (section) profile = section[1]?.trim() ?? '';
    const pair = /^\s*([a-z_]+)\s*=\s*(\S+)\s*$/.exec(line);
    if (pair && profile === 'default') setOwn(values, pair[1] ?? '', pair[2] ?? '');
  }
  const {
    aws_access_key_id: accessKeyId,
    aws_secret_access_key: secretAccessKey,
    aws_session_token: token,
  } = values;
  if (!accessKeyId || !secretAccessKey)
    throw new ConfigError(`${file} has no keys in its default profile.`);
  return { accessKeyId, secretAccessKey, ...(token && { sessionToken: token }) };
}
