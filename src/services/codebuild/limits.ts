import type { Quota, QuotaCatalogue } from '../../kit/quotas.ts';

export const PROJECTS = { code: 'L-ACCF6C0D', name: 'Build projects', value: 5000 };

const runningOn = (size: string, code: string): Quota => ({
  code,
  name: `Concurrently running builds for Linux/${size} environment`,
  value: 60,
});
/** Builds that an account may have running in a region, by compute type: more wait in QUEUED. */
export const RUNNING_BUILDS: Record<string, Quota> = {
  BUILD_GENERAL1_SMALL: runningOn('Small', 'L-9D07B6EF'),
  BUILD_GENERAL1_MEDIUM: runningOn('Medium', 'L-2DC20C30'),
  BUILD_GENERAL1_LARGE: runningOn('Large', 'L-4DDC4A99'),
  BUILD_GENERAL1_XLARGE: runningOn('XLarge', 'L-04E5CA62'),
  BUILD_GENERAL1_2XLARGE: runningOn('2XLarge', 'L-0397D009'),
};
/** https://docs.aws.amazon.com/general/latest/gr/codebuild.html; codes also from public lists of Service Quotas' answers. */
export const quotas: QuotaCatalogue = {
  serviceName: 'AWS CodeBuild',
  quotas: [PROJECTS, ...Object.values(RUNNING_BUILDS)],
};

/** CB-J1 */
export const DEFAULT_TIMEOUT_MINUTES = 60;
/** Of a build that CodePipeline runs for an action. https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html */
export const MANAGED_TIMEOUT_MINUTES = 55;
export const DEFAULT_QUEUED_TIMEOUT_MINUTES = 480;
/** AWS: 100 a page for all lists. */
export const PAGE_SIZE = 100;
const GIB = 1024 ** 3;
/** Of one archive that the server keeps for a project, packed, and of all of them. */
export const MAX_LOCAL_CACHE_BYTES = 4 * GIB;
/** Of a git source that is kept. */
export const MOST_PACKS = 20;
export const LOCAL_CACHES_BYTES = 32 * GIB;
/** How many pull requests of a project have one of those: anybody may propose something. Less than all that is kept. */
export const MOST_PROPOSED_CACHES = 5;
/** How many projects' Docker layers are kept: their volumes have no size that an engine tells. */
export const MOST_LAYER_CACHES = 20;
/** What nobody has used for so long goes. */
export const LOCAL_CACHES_UNUSED_MS = 14 * 24 * 60 * 60_000;
/** What was written and is named by nothing so long after will never be. */
export const ORPHANS_AFTER_MS = 60 * 60_000;
/** CB-J12: of an idempotency token, in characters. */
export const LONGEST_TOKEN = 64;
/** CB-J3 */
export const MOST_AUTO_RETRIES = 10;
/** Fleets of an account in a region. AWS's number is not known; BatchGetFleets takes as many. */
export const MOST_FLEETS = 100;
/** The base capacities of an account's fleets together: places that nobody else has. AWS has quotas by the machine's size. */
export const MOST_FLEET_MACHINES = 100;
/** CB-H3 */
export const MAX_REPORT_GROUPS = 1000;
/** CB-C3 */
export const MAX_SECONDARY = 12;
/** How long a stopped build may tidy up; it is over within about a second, of which this and the next four are the parts. */
export const STOP_GRACE_MS = 400;
/** How long after that it is waited for: an engine has an end only once all is on the disk that the work has written. */
export const STOPPED_WORK_MS = 150;
/** How long a step that was told to end is waited for. */
export const STEP_MARGIN_MS = 300;
/** How long what a stopped build has said already may take on its way into the log. */
export const STOPPED_LOG_MS = 300;
/** How long what it has left may take to be cleared away before that is done behind its back. */
export const STOPPED_CLEARING_MS = 150;
/** How long a log may take on its way into S3: less than FINALIZING has, which clears away behind it. */
export const S3_LOG_MS = 60_000;
/** How long after its build's end a place to run may still come into being that an engine was told to make. */
export const LATE_PLACE_MS = 5 * 60_000;
/** Work that is still there so long after the end of its time will never end. */
export const STUCK_MS = 60_000;
/** An image may be large. */
export const PROVISIONING_LIMIT_MS = 30 * 60_000;
export const FINALIZING_LIMIT_MS = 2 * 60_000;
/** A step that fails for reasons of the server's is tried again for so long. */
export const RETRY_MS = 25_000;
/** Commands that have said something for so long since were followed. */
export const FOLLOWED_MS = 5000;
/** Commands that say nothing were followed if it took so long to fail: nothing that is waited for is waited for so long. */
export const TROUBLE_OVER_MS = 15 * 60_000;
/** A driver reports what its buildspec names and little more; who writes more, or for longer, is not the driver. */
export const MAX_REPORT_BYTES = 4 * 1024 * 1024;
export const MAX_REPORT_LINES = 1000;
/** What is shown of what a command of a sandbox has printed, of each of its outputs; AWS's own limit is not known. */
export const MAX_COMMAND_OUTPUT_BYTES = 64 * 1024;
/** A sandbox says two of each command. */
export const MAX_SANDBOX_REPORTS = 40_000;
/** CB-A21: of a build. */
export const MAX_REPORTS = 5;
/** CB-J4: GiB of memory and processors by compute type. */
export const COMPUTE: Record<string, { memoryGiB: number; cpus: number }> = {
  BUILD_GENERAL1_SMALL: { memoryGiB: 4, cpus: 2 },
  BUILD_GENERAL1_MEDIUM: { memoryGiB: 8, cpus: 4 },
  BUILD_GENERAL1_LARGE: { memoryGiB: 16, cpus: 8 },
  BUILD_GENERAL1_XLARGE: { memoryGiB: 72, cpus: 36 },
  BUILD_GENERAL1_2XLARGE: { memoryGiB: 144, cpus: 72 },
};
/** Builds of a batch of a project that allows no more: AWS's most. */
export const MOST_BATCH_BUILDS = 100;
/** What a project may allow. */
export const LARGEST_BATCH = 500;
/** Minutes that a batch may take. */
export const DEFAULT_BATCH_MINUTES = 480;
export const BATCH_MINUTES = [5, 2160] as const;
/** How soon builds of a batch that a project's limit keeps back are tried again, if nothing tells of room before. */
export const BATCH_LIMIT_LOOK_MS = 2_000;
/** GitHub sends up to 25 MB. https://docs.github.com/en/webhooks/webhook-events-and-payloads */
export const MAX_WEBHOOK_BYTES = 25 * 1024 * 1024;
export const WEBHOOK_ARRIVES_MS = 60_000;
/** How often a forge is asked to take a status, and how soon again: the last time about two hours after the first. */
export const STATUS_ATTEMPTS = 12;
export const STATUS_AGAIN_MS = 4_000;
