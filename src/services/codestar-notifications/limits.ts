// https://docs.aws.amazon.com/dtconsole/latest/userguide/limits.html
export const MAX_RULES = 1000;
export const MAX_RULES_PER_RESOURCE = 10;
export const MAX_TARGETS_PER_RULE = 10;
export const MAX_TAGS = 50;

export const DEFAULT_PAGE = 100;

/** How long what is owed to a target that cannot be reached now is tried again. */
export const RETRY_MS = 60 * 60_000;
