/** CB-J1 */
export const DEFAULT_TIMEOUT_MINUTES = 60;
export const DEFAULT_QUEUED_TIMEOUT_MINUTES = 480;
/** AWS: 100 a page for all lists. */
export const PAGE_SIZE = 100;
/** CB-C3 */
export const MAX_SECONDARY = 12;
/** Builds that run at the same time on all servers of one database; more wait in QUEUED. */
export const CONCURRENT_BUILDS = 20;
/** How long a stopped build may tidy up. */
export const STOP_GRACE_MS = 10_000;
/** CB-J4: GiB of memory and processors by compute type. */
export const COMPUTE: Record<string, { memoryGiB: number; cpus: number }> = {
  BUILD_GENERAL1_SMALL: { memoryGiB: 4, cpus: 2 },
  BUILD_GENERAL1_MEDIUM: { memoryGiB: 8, cpus: 4 },
  BUILD_GENERAL1_LARGE: { memoryGiB: 16, cpus: 8 },
  BUILD_GENERAL1_XLARGE: { memoryGiB: 72, cpus: 36 },
  BUILD_GENERAL1_2XLARGE: { memoryGiB: 144, cpus: 72 },
};
