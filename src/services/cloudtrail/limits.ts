const DAY_MS = 24 * 60 * 60 * 1000;

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html */
export const KEPT_MS = 90 * DAY_MS;

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
export const MAX_RESULTS = 50;
export const MAX_VALUE_LENGTH = 2000;

/** A field that is longer is left out: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html */
export const MAX_FIELD_LENGTH = 100 * 1024;
/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html (errorMessage, userAgent: 1 KB) */
export const MAX_TEXT_LENGTH = 1024;

/** What was answered so long ago is written, together with what was since. */
export const FLUSH_MS = 1000;
/** At most so much in one row: what a lookup has to open for one event. In characters. */
export const CHUNK_LENGTH = 1024 * 1024;
/** What waits for a database that cannot be written to. In characters. */
export const MAX_WAITING = 64 * 1024 * 1024;
/** A row is merged with its neighbours when it is so old and shorter than half of CHUNK_LENGTH. */
export const MERGED_AFTER_MS = 60 * 60 * 1000;
