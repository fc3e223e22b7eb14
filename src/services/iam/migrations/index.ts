import type { Migration } from '../../../db/database.ts';
import { identities } from './0001-identities.ts';
import { roleUse } from './0002-role-use.ts';
import { permissionsBoundary } from './0003-permissions-boundary.ts';
import { sshPublicKeys } from './0004-ssh-public-keys.ts';
import { instanceProfiles } from './0005-instance-profiles.ts';
import { consolePasswords } from './0006-console-passwords.ts';
import { serverCertificates } from './0007-server-certificates.ts';

export const migrations: Migration[] = [
  identities,
  roleUse,
  permissionsBoundary,
  sshPublicKeys,
  instanceProfiles,
  consolePasswords,
  serverCertificates,
];
