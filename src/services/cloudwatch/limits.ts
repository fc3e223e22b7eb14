const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
export const MAX_DATUMS = 1000;
export const MAX_VALUES = 150;
export const MAX_DIMENSIONS = 30;
/** Values lie between this number and its negative. */
export const LARGEST_VALUE = 2 ** 360;
export const MAX_PAST_MS = 14 * DAY;
export const MAX_FUTURE_MS = 2 * HOUR;

/**
 * How long data are kept at which resolution, the finest first: what is older is rolled up to the next.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#metrics-retention
 * `window`: the time that one row holds, so that it has 1,500 entries or 3,600 of seconds at most.
 */
export const RETENTION = [
  { resolution: SECOND, keptFor: 3 * HOUR, window: HOUR },
  { resolution: MINUTE, keptFor: 15 * DAY, window: DAY },
  { resolution: 5 * MINUTE, keptFor: 63 * DAY, window: 5 * DAY },
  { resolution: HOUR, keptFor: 455 * DAY, window: 60 * DAY },
] as const;

/** Rows as they were put are merged once they are so old, and the oldest of them is twice as old. */
export const MERGED_AFTER_MS = 15 * MINUTE;

/** ListMetrics tells of metrics with data of the past two weeks, and 500 a page. */
export const LISTED_MS = 14 * DAY;
export const RECENTLY_ACTIVE_MS = 3 * HOUR;
export const METRICS_PAGE = 500;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html */
export const MAX_DATAPOINTS = 1440;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
export const MAX_QUERIES = 500;
export const MAX_DATA_PAGE = 100_800;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
export const ALARMS_PAGE = 50;
export const HISTORY_PAGE = 100;
/** Characters of what history items and reasons say. */
export const MAX_SUMMARY = 255;
export const MAX_DATA = 4095;
export const MAX_REASON_DATA = 4000;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
export const HISTORY_KEPT_MS = 30 * DAY;
export const MAX_TAGS = 50;
export const MAX_RULE_ALARMS = 100;
/** An action that cannot be done is tried again for so long. */
export const ACTION_TRIED_MS = HOUR;

/** Evaluations look for data of the last period so long after its end: it takes that time to arrive. */
export const GRACE_MS = 5 * SECOND;
export const EVALUATED_EVERY_MS = MINUTE;
/** Alarms on periods of less than a minute. */
export const HIGH_RESOLUTION_EVERY_MS = 10 * SECOND;
export const HIGH_RESOLUTION_GRACE_MS = SECOND;
/** Alarms that look at more than a day are evaluated once an hour. */
export const LONG_EVERY_MS = HOUR;

/** Events of services that were counted are remembered so long: those that come again are not counted. */
export const COUNTED_MS = 25 * HOUR;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html */
export const MAX_DASHBOARD_BYTES = 5 * 1024 * 1024;
export const DASHBOARDS_PAGE = 500;
