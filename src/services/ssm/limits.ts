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

/** A token is good for so long. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html says "only long enough". */
export const TOKEN_MS = 60_000;
/** How long a shell whose client is gone waits for ResumeSession. */
export const RESUME_MS = 60_000;
/** AWS's default. https://docs.aws.amazon.com/systems-manager/latest/userguide/session-preferences-timeout.html */
export const IDLE_MS = 20 * 60_000;
/** How often a server says that it has a session, and how long it may say nothing while it lives. */
export const SEEN_EVERY_MS = 30_000;
export const UNSEEN_MS = 3 * SEEN_EVERY_MS;
/** AWS keeps the history of sessions for so long. */
export const KEPT_MS = 30 * 86_400_000;
