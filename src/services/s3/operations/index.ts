import type * as client from '@aws-sdk/client-s3';
import { notImplemented, type Operations } from '../../../aws/operation.ts';
import type { ServiceContext } from '../../service.ts';
import * as absent from './absent.ts';
import * as acls from './acls.ts';
import * as buckets from './buckets.ts';
import * as copy from './copy.ts';
import * as deletion from './delete.ts';
import * as lists from './lists.ts';
import * as multipart from './multipart.ts';
import * as objectAttributes from './object-attributes.ts';
import { getObject, headObject, putObject } from './objects.ts';
import * as settings from './settings.ts';
import * as tagging from './tagging.ts';
import * as uploadLists from './upload-lists.ts';

export const operations = {
  ...absent,
  ...acls,
  ...buckets,
  ...copy,
  ...deletion,
  ...lists,
  ...multipart,
  ...objectAttributes,
  getObject,
  headObject,
  putObject,
  ...settings,
  ...tagging,
  ...uploadLists,
  createBucketMetadataConfiguration: notImplemented,
  createBucketMetadataTableConfiguration: notImplemented,
  createSession: notImplemented,
  deleteBucketAnalyticsConfiguration: notImplemented,
  deleteBucketIntelligentTieringConfiguration: notImplemented,
  deleteBucketInventoryConfiguration: notImplemented,
  deleteBucketMetadataConfiguration: notImplemented,
  deleteBucketMetadataTableConfiguration: notImplemented,
  deleteBucketMetricsConfiguration: notImplemented,
  deleteObjectAnnotation: notImplemented,
  getBucketAbac: notImplemented,
  getBucketAnalyticsConfiguration: notImplemented,
  getBucketIntelligentTieringConfiguration: notImplemented,
  getBucketInventoryConfiguration: notImplemented,
  getBucketMetadataConfiguration: notImplemented,
  getBucketMetadataTableConfiguration: notImplemented,
  getBucketMetricsConfiguration: notImplemented,
  getObjectAnnotation: notImplemented,
  getObjectLegalHold: notImplemented,
  getObjectRetention: notImplemented,
  getObjectTorrent: notImplemented,
  listBucketAnalyticsConfigurations: notImplemented,
  listBucketIntelligentTieringConfigurations: notImplemented,
  listBucketInventoryConfigurations: notImplemented,
  listBucketMetricsConfigurations: notImplemented,
  listDirectoryBuckets: notImplemented,
  listObjectAnnotations: notImplemented,
  putBucketAbac: notImplemented,
  putBucketAccelerateConfiguration: notImplemented,
  putBucketAnalyticsConfiguration: notImplemented,
  putBucketCors: notImplemented,
  putBucketIntelligentTieringConfiguration: notImplemented,
  putBucketInventoryConfiguration: notImplemented,
  putBucketLifecycleConfiguration: notImplemented,
  putBucketLogging: notImplemented,
  putBucketMetricsConfiguration: notImplemented,
  putBucketPolicy: notImplemented,
  putBucketReplication: notImplemented,
  putBucketRequestPayment: notImplemented,
  putBucketWebsite: notImplemented,
  putObjectAnnotation: notImplemented,
  putObjectLegalHold: notImplemented,
  putObjectLockConfiguration: notImplemented,
  putObjectRetention: notImplemented,
  renameObject: notImplemented,
  restoreObject: notImplemented,
  selectObjectContent: notImplemented,
  updateBucketMetadataAnnotationTableConfiguration: notImplemented,
  updateBucketMetadataInventoryTableConfiguration: notImplemented,
  updateBucketMetadataJournalTableConfiguration: notImplemented,
  updateObjectEncryption: notImplemented,
  writeGetObjectResponse: notImplemented,
} satisfies Operations<typeof client, ServiceContext>;
