// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
export const MAX_BATCH_BYTES = 1_048_576;
/** What each event adds to the size of its batch beside its UTF-8 message. */
export const EVENT_OVERHEAD_BYTES = 26;
/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/logs/cloudwatch_limits_cwl.html */
export const MAX_EVENT_BYTES = 1_048_576;
export const MAX_BATCH_SPAN_MS = 24 * 3_600_000;
export const MAX_FUTURE_MS = 2 * 3_600_000;
export const MAX_AGE_MS = 14 * 24 * 3_600_000;

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
export const MAX_PAGE_EVENTS = 10_000;
export const MAX_PAGE_BYTES = 1_048_576;

/** DescribeLogGroups and DescribeLogStreams answer 50 at a time unless told. */
export const DEFAULT_DESCRIBE_LIMIT = 50;

/** Policies of an account in a region. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
export const MAX_RESOURCE_POLICIES = 10;
export const MAX_TAGS = 50;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html */
export const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

/** Characters of one exported object, or little more, before it is compressed (ours). */
export const MAX_EXPORT_PART = 8 * 1_048_576;
/** How long an export passes for one that goes on. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/S3Export.html */
export const MAX_EXPORT_MS = 24 * 3_600_000;

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatchLogs_LiveTail.html
export const MAX_TAILS = 15;
export const MAX_TAIL_GROUPS = 10;
export const MAX_TAIL_MS = 3 * 3_600_000;
/** Events a second. */
export const MAX_TAIL_EVENTS = 500;
/**
 * Of them, or one that is larger (ours): they come as one message, of which the `aws` command takes 24 MiB as JSON, and each session holds one.
 */
export const MAX_TAIL_BYTES = 2 * 1_048_576;
/** A session that hears of nothing says so this often. */
export const TAIL_PERIOD_MS = 1000;

/** Of a group. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
export const MAX_METRIC_FILTERS = 100;
export const MAX_DIMENSIONS = 3;
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
export const MAX_DATA_OF_CALL = 1000;
export const MAX_VALUES_OF_DATUM = 150;
/** What could not be delivered for so long is dropped, as AWS drops it. */
export const BACKLOG_KEPT_MS = 24 * 3_600_000;

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
export const MAX_RUNNING_QUERIES = 100;
export const MAX_QUERY_GROUPS = 50;
export const MAX_QUERY_DEFINITIONS = 1000;
export const MAX_QUERY_MS = 60 * 60_000;
/** Lines of results unless told, and at most at a time. */
export const DEFAULT_QUERY_LIMIT = 10_000;
export const MAX_RESULTS_PAGE = 10_000;
/** How long queries and their results are kept. */
export const QUERY_KEPT_MS = 7 * 24 * 3_600_000;
/** What a query may hold at once, in bytes or thereabouts (ours). */
export const MAX_QUERY_BYTES = 128 * 1_048_576;

/** How much one FilterLogEvents call reads before it answers what it has found so far and a token (ours). */
export const MAX_SCAN_BYTES = 32 * 1_048_576;

/** No stored chunk spans more, so that a reader knows how far back a chunk that reaches into its range may start (ours). */
export const MAX_CHUNK_SPAN_MS = 3_600_000;

/**
 * No stored chunk holds more, so that the last lines of a stream cost no more than what they are (ours). Events larger
 * than that have a chunk of their own.
 */
export const MAX_CHUNK_BYTES = 32 * 1024;

/** What of a chunk is compressed by itself, and so opened by itself (ours). */
export const BLOCK_BYTES = 4 * 1024;

/** Of a group. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html */
export const MAX_SUBSCRIPTIONS = 2;
/** A function's event has 256 KiB at most, in which data stand as base64. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_FUNCTION_BYTES = 190_000;
/** Firehose takes 1,000 KiB, Kinesis a little more. https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html */
export const MAX_RECORD_BYTES = 1_000 * 1024;
/** For how long nothing is delivered to who has refused. https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Subscriptions.html */
export const SUBSCRIPTION_SKIP_MS = 10 * 60_000;
