import type { ReviewTables } from './review-tables.ts';

/** Columns of CodeCommit's tables. Times are epoch milliseconds; `tags` and `principal` are JSON. */
export type CodeCommitTables = {
  codecommit_repository: {
    account_id: string;
    region: string;
    name: string;
    /** Stays when the name changes; names the repository on disk. */
    repository_id: string;
    description: string | null;
    /** Branch name without `refs/heads/`; null until the first branch exists. */
    default_branch: string | null;
    tags: string;
    created: number;
    modified: number;
    /** Counts announcements, so that two readers of git's references cannot overwrite each other. */
    generation: number;
    /** ARN; null in older rows until the repository is sealed, as the next. */
    kms_key_arn: string | null;
    /** What the repository is sealed with, as KMS has wrapped it. */
    data_key: string | null;
  };
  /** References as they were last announced. */
  codecommit_reference: {
    repository_id: string;
    name: string;
    object_id: string;
  };
  /** Reference changes that were begun and may end at any moment, also after the server has gone. */
  codecommit_change: {
    change_id: string;
    repository_id: string;
    started: number;
    /** Who has begun it; null in older rows. */
    user_arn: string | null;
  };
  /** Merges that were made here. Ids are those of commits. */
  codecommit_merge: {
    merge_id: string;
    repository_id: string;
    source_id: string;
    destination_id: string;
    commit_id: string;
    base_id: string | null;
    /** Full name of what moved; null: the commit has no reference. */
    reference: string | null;
    merge_option: string;
    /** Null of a fast-forward, as the strategy. */
    detail_level: string | null;
    strategy: string | null;
    created: number;
  };
  codecommit_trigger: { repository_id: string; configuration_id: string; body: string };
  /** What triggers owe. */
  /** Commits on their way to S3 as archives. */
  codecommit_upload: {
    upload_id: string;
    repository_id: string;
    account_id: string;
    region: string;
    commit_id: string;
    s3_bucket: string;
    s3_key: string;
    kms_key_id: string | null;
    /** For whom the object is written. */
    principal: string;
    status: string;
    error_code: string | null;
    error_message: string | null;
    s3_version_id: string | null;
    s3_etag: string | null;
    created: number;
  };
  /** Objects of Git LFS. `data` is JSON: the key of the blob. */
  codecommit_lfs_object: {
    repository_id: string;
    /** SHA-256 of its content, in hex. */
    oid: string;
    size: number;
    blob_id: string;
    created: number;
    data: string;
    /** When a commit was first seen to have a pointer to it. */
    pointed: number | null;
  };
  /** Locks of Git LFS: one of a path. */
  codecommit_lfs_lock: {
    repository_id: string;
    path: string;
    lock_id: string;
    owner_arn: string;
    owner_id: string | null;
    locked: number;
  };
} & ReviewTables;
