import type { ProjectSource } from '@aws-sdk/client-codebuild';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { ForgeCredential } from '../../../kit/forges/api.ts';
import type { Forge } from '../../../kit/forges/repository.ts';
import type { Platform } from '../../../kit/service.ts';
import { isRefusal } from '../../../lib/refusal.ts';
import { PhaseFailure } from '../model/build-state.ts';
import { credentialIn, type StoredCredential } from '../model/source-credential.ts';
import { findCredential } from '../store/source-credentials.ts';
import type { Owner } from '../store/tables.ts';
import { type RoleOf, roleClient } from './service-role.ts';

/** A token is sealed for its account, region and forge: it opens for no other. */
export const sealedFor = ({ accountId, region }: Owner, serverType: Forge) =>
  `codebuild source credential ${accountId}/${region}/${serverType}`;

/** By what a source's repository is read: a credential of its forge, or a connection that has one. */
export type SourceAccess = { credential?: ForgeCredential } | { connectionArn: string };

/**
 * How a project or build signs in at the forge of its source (CB-C8): what the source says, else what its account has.
 * Secrets are read under its service role.
 * @throws PhaseFailure
 */
export async function sourceAccess(
  platform: Platform,
  who: RoleOf,
  { type, auth }: Pick<ProjectSource, 'type' | 'auth'>,
): Promise<SourceAccess> {
  const forge = type as Forge;
  if (auth?.type === 'CODECONNECTIONS') return { connectionArn: auth.resource ?? '' };
  if (auth?.type === 'SECRETS_MANAGER')
    return { credential: await fromSecret(platform, who, forge, auth.resource ?? '') };
  const stored = await findCredential(platform.db, who, forge);
  if (stored) return ofAccount(platform, who, stored);
  if (auth?.type !== 'OAUTH') return {};
  throw new PhaseFailure(
    'CLIENT_ERROR',
    `Could not find access token for server type ${forge.toLowerCase()}`,
  );
}

async function ofAccount(
  platform: Platform,
  who: RoleOf,
  { serverType, authType, resource = '', token = '', userName }: StoredCredential,
): Promise<SourceAccess> {
  if (authType === 'CODECONNECTIONS') return { connectionArn: resource };
  if (authType === 'SECRETS_MANAGER')
    return { credential: await fromSecret(platform, who, serverType, resource) };
  const opened = platform.vault.open(token, sealedFor(who, serverType)).toString();
  return { credential: { token: opened, ...(userName !== undefined && { userName }) } };
}

async function fromSecret(
  platform: Platform,
  who: RoleOf,
  forge: Forge,
  SecretId: string,
): Promise<ForgeCredential> {
  const client = roleClient(platform, SecretsManagerClient, who);
  const { SecretString = '' } = await client
    .send(new GetSecretValueCommand({ SecretId }))
    .catch((error) => {
      if (!isRefusal(error)) throw error;
      throw new PhaseFailure('Secrets Manager Error', `${error.name}: ${error.message}`);
    });
  const found = credentialIn(SecretString, forge);
  if (found) return found;
  const message = `Secret ${SecretId} holds no credential for ${forge}: {"ServerType": …, "AuthType": …, "Token": …}`;
  throw new PhaseFailure('Secrets Manager Error', message);
}
