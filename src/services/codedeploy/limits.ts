import type { QuotaCatalogue } from '../../kit/quotas.ts';

/** Quotas and defaults (reference: CodeDeploy user guide, "CodeDeploy quotas"; the API model). */

/** Names in one page of a list. */
export const PAGE_SIZE = 100;
export const APPLICATIONS = {
  code: 'L-3F19B6A5',
  name: 'Applications associated per account per region',
  value: 1000,
};
export const GROUPS_PER_APPLICATION = {
  code: 'L-D9088B77',
  name: 'Deployment groups associated with a single application',
  value: 1000,
};
export const quotas: QuotaCatalogue = {
  serviceName: 'AWS CodeDeploy',
  quotas: [APPLICATIONS, GROUPS_PER_APPLICATION],
};
export const MAX_CUSTOM_CONFIGS = 50;
export const MAX_TAG_SETS = 3;
export const MAX_TAGS_PER_SET = 10;
export const MAX_TAGS_PER_INSTANCE = 10;
export const MAX_DESCRIPTION = 256;
/** Names or ids in one batch call. */
export const MAX_BATCH_NAMES = 100;
export const MAX_BATCH = 25;
/** Instances in one call that changes their tags. */
export const MAX_TAGGED_INSTANCES = 100;
/** Triggers of a deployment group. */
export const MAX_TRIGGERS = 10;
/** Classic load balancers of a deployment group, and target groups. */
export const MAX_BALANCERS = 10;
/** Waits of blue/green deployments (CD-DGF-11, CD-LCE-04). */
export const MAX_READY_WAIT_MINUTES = { Server: 2880, ECS: 7200 };
export const MAX_TERMINATION_WAIT_MINUTES = 2880;
/** Alarms of a deployment group. */
export const MAX_ALARMS = 10;
/** Auto Scaling groups of a deployment group. */
export const MAX_SCALING_GROUPS = 10;
