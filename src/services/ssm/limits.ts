// https://docs.aws.amazon.com/general/latest/gr/ssm.html#parameter-store
export const STANDARD_MAX_BYTES = 4096;
export const ADVANCED_MAX_BYTES = 8192;
export const MAX_STANDARD_PARAMETERS = 10_000;
export const MAX_VERSIONS = 100;
export const MAX_LABELS = 10;
export const MAX_TAGS = 50;

/** https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html */
export const MAX_NAME_LENGTH = 1011;
export const MAX_HIERARCHY_LEVELS = 15;

/** Pages, where the call does not say. GetParametersByPath is limited to 10 by its contract. */
export const DEFAULT_BY_PATH_LIMIT = 10;
export const DEFAULT_LIMIT = 50;
