import { operationsIn } from '../../../kit/operation.ts';
import * as accessKeys from './access-keys.ts';
import * as accountAliases from './account-aliases.ts';
import * as attachments from './attachments.ts';
import * as boundaries from './boundaries.ts';
import * as groups from './groups.ts';
import * as inlinePolicies from './inline-policies.ts';
import * as instanceProfiles from './instance-profiles.ts';
import * as loginProfiles from './login-profiles.ts';
import * as managedPolicies from './managed-policies.ts';
import * as passwordPolicies from './password-policies.ts';
import * as policyVersions from './policy-versions.ts';
import * as roles from './roles.ts';
import * as serverCertificates from './server-certificates.ts';
import * as serviceCredentials from './service-credentials.ts';
import * as simulate from './simulate.ts';
import * as sshPublicKeys from './ssh-public-keys.ts';
import * as tags from './tags.ts';
import * as users from './users.ts';

export const operations = operationsIn(
  accessKeys,
  accountAliases,
  attachments,
  boundaries,
  groups,
  inlinePolicies,
  instanceProfiles,
  loginProfiles,
  managedPolicies,
  passwordPolicies,
  policyVersions,
  roles,
  serverCertificates,
  serviceCredentials,
  simulate,
  sshPublicKeys,
  tags,
  users,
);
