/** Quotas and defaults of KMS, from its developer guide and API reference. */

/** ListKeys and ListResourceTags, when no Limit is given. */
export const DEFAULT_LIMIT = 100;
/** ListAliases, when no Limit is given. */
export const DEFAULT_ALIAS_LIMIT = 50;
/** ScheduleKeyDeletion: waiting period when none is given; the contract allows 1 to 365, AWS answers for less than 7. */
export const DEFAULT_PENDING_DAYS = 30;
export const MIN_PENDING_DAYS = 7;
export const MAX_PENDING_DAYS = 30;
export const MAX_TAGS = 50;
/** Bytes of a key policy. */
export const MAX_POLICY_BYTES = 32 * 1024;
/** The only policy name there is. */
export const POLICY_NAME = 'default';
/** Bytes of a symmetric key's material. */
export const MATERIAL_BYTES = 32;
