import type { QuotaCatalogue } from '../../kit/quotas.ts';
import type { IdentityKind } from './store/tables.ts';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const ACCESS_KEYS_PER_USER = 2;
export const SERVICE_CREDENTIALS_PER_USER = 2;
export const SSH_PUBLIC_KEYS_PER_USER = 5;
export const GROUPS_PER_USER = 10;
export const ATTACHED_POLICIES = 10;
export const POLICIES_PER_ROLE = {
  code: 'L-0DA4ABF3',
  name: 'Managed policies per role',
  value: ATTACHED_POLICIES,
  global: true,
};
export const quotas: QuotaCatalogue = {
  serviceName: 'AWS Identity and Access Management (IAM)',
  quotas: [POLICIES_PER_ROLE],
};
export const POLICY_VERSIONS = 5;
export const SERVER_CERTIFICATES = 20;
export const ROLES_PER_PROFILE = 1;
export const TAGS = 50;
/** Characters, white space not counted. */
export const MANAGED_POLICY_SIZE = 6144;
export const TRUST_POLICY_SIZE = 2048;
/** All inline policies of one identity together. */
export const INLINE_POLICY_SIZE: Record<IdentityKind, number> = {
  user: 2048,
  role: 10_240,
  group: 5120,
};
/** Items of a list without MaxItems. */
export const PAGE = 100;
