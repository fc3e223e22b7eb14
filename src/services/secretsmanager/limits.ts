// https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html
export const MAX_SECRET_BYTES = 65_536;
export const MAX_LABELS_PER_VERSION = 20;
export const MAX_TAGS = 50;
/** Versions without a label beyond this are deleted when they are a day old: the oldest first. */
export const MAX_VERSIONS = 100;

// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
export const DEFAULT_RECOVERY_DAYS = 30;
export const MIN_RECOVERY_DAYS = 7;
export const MAX_RECOVERY_DAYS = 30;

export const DEFAULT_LIST_LIMIT = 100;
export const DEFAULT_BATCH_LIMIT = 20;
