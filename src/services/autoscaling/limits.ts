/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-quotas.html */
export const MAX_GROUPS = 500;
export const MAX_CONFIGURATIONS = 200;
export const MAX_POLICIES = 50;
export const MAX_SCHEDULES = 125;
export const MAX_HOOKS = 50;
export const MAX_TOPICS = 10;
export const MAX_TARGET_GROUPS = 50;
export const MAX_TAGS = 50;
export const MAX_STEPS = 20;
/** Instances that one call names. */
export const MAX_INSTANCES = 20;
/** A list without MaxRecords, and with the most. */
export const PAGE = 50;
export const MOST_RECORDS = 100;
export const DEFAULT_COOLDOWN = 300;
/** A group with these sizes has no more than EC2 gives. */
export const MAX_SIZE = 10_000;
/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html */
export const HEARTBEAT = { least: 30, most: 7200, otherwise: 3600 };
/** Activities are shown for six weeks. */
export const HISTORY_MS = 42 * 86_400_000;
/** How often the targets of a group are looked at whose health they decide. */
export const HEALTH_MS = 10_000;
/** An instance that comes or goes is looked at so often, in case that its event is lost. */
export const LOOK_MS = 15_000;
/** Whether the connections of one that leaves a target group have ended is asked so often. */
export const DRAIN_MS = 1_000;
/** What a topic or a queue is told is tried for so long. */
export const TELL_MS = 3_600_000;
