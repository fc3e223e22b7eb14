import type { AuthType, ImportSourceCredentialsInput } from '@aws-sdk/client-codebuild';
import type { ForgeCredential } from '../../../kit/forges/api.ts';
import { type Forge, kindOf } from '../../../kit/forges/repository.ts';
import { ownValue } from '../../../lib/own.ts';
import { RuleError } from './rule-error.ts';

/** What an account has for all repositories of one kind of forge. */
export interface StoredCredential {
  serverType: Forge;
  authType: AuthType;
  /** Of BASIC_AUTH. */
  userName?: string;
  /** Sealed; of a connection or a secret it is `resource` that counts. */
  token?: string;
  /** ARN of the connection or the secret. */
  resource?: string;
}

const CONNECTION = /^arn:[\w-]+:code(star-)?connections:[\w-]+:\d{12}:connection\/[0-9a-f-]{36}$/;
const SECRET = /^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:\S+$/;

export const isConnectionArn = (text: string): boolean => CONNECTION.test(text);
export const isSecretArn = (text: string): boolean => SECRET.test(text);

/** Checks what ImportSourceCredentials brings (CB-C8). @throws RuleError */
export function checkCredential(input: ImportSourceCredentialsInput): void {
  const { authType, serverType, token = '', username } = input;
  if (authType === 'OAUTH')
    throw new RuleError('Invalid authType: OAUTH credentials can only be made in the console');
  if (authType === 'BASIC_AUTH') {
    if (serverType !== 'BITBUCKET')
      throw new RuleError('Invalid authType: BASIC_AUTH is for BITBUCKET alone');
    if (!username) throw new RuleError('Invalid username: BASIC_AUTH needs one');
  } else if (username) {
    throw new RuleError('Invalid username: only BASIC_AUTH has one');
  }
  if (authType === 'CODECONNECTIONS' && !isConnectionArn(token))
    throw new RuleError('Invalid token: it must be the ARN of a connection');
  if (authType === 'SECRETS_MANAGER' && !isSecretArn(token))
    throw new RuleError('Invalid token: it must be the ARN of a secret');
  // It goes into a header.
  if (!/^[^\p{C}\s]{1,4096}$/u.test(token) || /[\p{C}:]/u.test(username ?? ''))
    throw new RuleError('Invalid token: it has characters that cannot be sent');
}

/** As the name in a token's ARN says it: `github`. */
export const tokenName = (serverType: Forge) => serverType.toLowerCase();

/**
 * Reads a secret that holds a credential: `{"ServerType": …, "AuthType": …, "Token": …}`, with `Username` for BASIC_AUTH.
 * https://docs.aws.amazon.com/codebuild/latest/userguide/access-tokens-github.html
 * @returns undefined where it holds none for that forge
 */
export function credentialIn(secret: string, forge: Forge): ForgeCredential | undefined {
  let said: unknown;
  try {
    said = JSON.parse(secret);
  } catch {
    return undefined;
  }
  if (typeof said !== 'object' || said === null) return undefined;
  const text = (key: string) => {
    const value = ownValue(said as Record<string, unknown>, key);
    return typeof value === 'string' && /^[^\p{C}\s]{1,4096}$/u.test(value) ? value : undefined;
  };
  const [token, userName, authType] = [text('Token'), text('Username'), text('AuthType')];
  if (token === undefined || (text('ServerType') ?? forge) !== forge) return undefined;
  return { token, ...(authType === 'BASIC_AUTH' && userName !== undefined && { userName }) };
}

/** What forges take for the name of who has a token. */
const TOKEN_USERS = { github: 'x-access-token', gitlab: 'oauth2', bitbucket: 'x-token-auth' };

/** A forge's credential as git sends it. */
export function gitLogin(forge: Forge, { userName, token }: ForgeCredential) {
  return { userName: userName ?? TOKEN_USERS[kindOf(forge)], password: token };
}
