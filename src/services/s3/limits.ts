/** Quotas of S3: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html and UsingMetadata.html */
const GIB = 1024 ** 3;

/** One PUT, one part, one copy. */
export const MAX_PUT_BYTES = 5 * GIB;
/** A whole object, by multipart upload. */
export const MAX_OBJECT_BYTES = 50 * 1024 * GIB;
/** Every part but the last. */
export const MIN_PART_BYTES = 5 * 1024 * 1024;
export const MAX_PARTS = 10_000;
export const MAX_KEY_BYTES = 1024;
/** A bucket policy. */
export const MAX_POLICY_BYTES = 20 * 1024;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html */
export const MAX_GRANTS = 100;
/** Names and values of user metadata. */
export const MAX_METADATA_BYTES = 2048;
export const MAX_OBJECT_TAGS = 10;
export const MAX_BUCKET_TAGS = 50;
/** Page size of every list, also when more is asked for. */
export const MAX_KEYS = 1000;
/** ListBuckets, when MaxBuckets is given. */
export const MAX_BUCKETS = 10_000;

/** Readers that are under way keep the bytes of what has been overwritten or deleted this long. */
export const DISCARD_AFTER_MS = 15 * 60 * 1000;
/** A blob this old that no row names was left by a crash between the write and the commit. */
export const ORPHAN_AFTER_MS = 60 * 60 * 1000;
/** How often all blobs are listed to find such. */
export const ORPHAN_SWEEP_MS = 24 * 60 * 60 * 1000;

/** Bodies up to this size are rows of the database: they commit with their object, and take no file of their own (ours). */
export const SMALL_BODY_BYTES = 32 * 1024;
