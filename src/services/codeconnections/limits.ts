// https://docs.aws.amazon.com/codeconnections/latest/userguide/limits.html (CX-07)
export const MAX_CONNECTIONS = 250;
export const MAX_HOSTS = 50;
export const MAX_LINKS = 100;
export const MAX_TAGS = 200;
export const DEFAULT_PAGE = 100;

/** What an artifact may hold: of files, folders and their paths in all (CP-A23 has 1 GB of files). */
export const ARCHIVE = { entries: 250_000, bytes: 1024 ** 3, pathBytes: 64 * 1024 ** 2 } as const;
/** A repository that does not answer, or is too slow, for so long is not waited for. */
export const UPLOAD_MS = 55 * 60_000;
/** Branches and tags of a repository that changes are looked for in. */
export const MAX_REFERENCES = 50_000;
/** Files that one answer lists; what is more is told to be. */
export const MAX_FILES = 20_000;
/** Bytes of a webhook's body. */
export const MAX_WEBHOOK_BYTES = 5 * 1024 * 1024;
/** How often a repository is looked at though its webhook works: one call of it may have been lost. */
export const POLL_BESIDE_WEBHOOK_MS = 10 * 60_000;
/** How long a provider that does not answer is tried. */
export const UNAVAILABLE_MS = 2 * 60_000;
/** How long an upload that has ended can be asked about. */
export const UPLOAD_KEPT_MS = 7 * 24 * 60 * 60_000;
/** A repository is looked at for so long after somebody said that he will listen, before he is asked whether he does. */
export const ASKED_MS = 5 * 60_000;
/** When a repository is looked at again that will be read as little the next time. */
export const LOOK_AFTER_FAILURE_MS = 5 * 60_000;
