import type { ProjectSource } from '@aws-sdk/client-codebuild';
import { apiBase, type ForgeApi } from '../../../kit/forges/api.ts';
import { type Forge, forgeRepository, kindOf } from '../../../kit/forges/repository.ts';
import type { Platform } from '../../../kit/service.ts';
import type { RoleOf } from '../run/service-role.ts';
import { sourceAccess } from '../run/source-credential.ts';

/** The API of a source's forge for who has its credential, or why there is none to call. @throws PhaseFailure */
export async function forgeApi(
  platform: Platform,
  who: RoleOf,
  source: Pick<ProjectSource, 'type' | 'location' | 'auth'>,
): Promise<ForgeApi | { missing: string }> {
  const forge = source.type as Forge;
  const repository = forgeRepository(forge, source.location ?? '');
  const base = apiBase(platform.config, repository);
  const kind = kindOf(forge);
  if (base === undefined)
    return {
      missing: `no API of ${repository.host} is configured (SLIPWAY_UPSTREAM_${kind.toUpperCase()})`,
    };
  const access = await sourceAccess(platform, who, source);
  if ('connectionArn' in access)
    return {
      missing: 'a connection lets a build read, and does not lead to the API of its provider',
    };
  const { credential } = access;
  if (!credential)
    return { missing: `there is no credential for ${forge} (ImportSourceCredentials)` };
  return { kind, base, repository, credential };
}
