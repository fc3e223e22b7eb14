import type { PublicAccessBlockConfiguration, Tag, WebsiteConfiguration } from '@aws-sdk/client-s3';
import type { Notification } from './notification.ts';

/** `none`: never versioned. */
export type Versioning = 'none' | 'Enabled' | 'Suspended';

export interface DefaultEncryption {
  algorithm: 'AES256' | 'aws:kms';
  keyId?: string | undefined;
  bucketKey?: boolean | undefined;
}

export interface Bucket {
  name: string;
  accountId: string;
  region: string;
  createdAt: Date;
  versioning: Versioning;
  settings: Settings;
}

/** A bucket's configuration, each part undefined until it is put. */
export interface Settings {
  encryption?: DefaultEncryption | undefined;
  /** The bucket policy as it was put: JSON. */
  policy?: string | undefined;
  tags?: Tag[] | undefined;
  /** `deleted`: taken away; undefined: as new buckets have it, all on. */
  publicAccessBlock?: PublicAccessBlockConfiguration | 'deleted' | undefined;
  website?: WebsiteConfiguration | undefined;
  ownershipDeleted?: boolean | undefined;
  /** Whether its events go to EventBridge. */
  eventBridge?: boolean | undefined;
  /** The queues and topics that its events go to. */
  notifications?: Notification[] | undefined;
}
