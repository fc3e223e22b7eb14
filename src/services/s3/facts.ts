import type { ApiFacts } from '../../aws/api.ts';
import { formUploads } from './form/upload.ts';
import { labelsOfAddress, signedResource } from './requests/address.ts';
import { s3Protocol } from './requests/protocol.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html#cloudtrail-data-events */
const DATA_EVENTS = [
  ...['AbortMultipartUpload', 'CompleteMultipartUpload', 'CopyObject', 'CreateMultipartUpload'],
  ...['DeleteObject', 'DeleteObjectTagging', 'DeleteObjects', 'GetObject', 'GetObjectAcl'],
  ...['GetObjectAttributes', 'GetObjectTagging', 'HeadBucket', 'HeadObject', 'ListObjectVersions'],
  ...['ListMultipartUploads', 'ListObjects', 'ListObjectsV2', 'ListParts', 'PutObject'],
  ...['PutObjectAcl', 'PutObjectTagging', 'UploadPart', 'UploadPartCopy'],
];

/** What S3's client package does not tell of its API: known before that is loaded. */
export const facts: ApiFacts = {
  protocols: [s3Protocol],
  // Buckets. No owner of one says where its name points to.
  hosts: ['*.s3'],
  // Whoever has no signature can only want an object: forms and links need none where they are public.
  anonymous: true,
  address: labelsOfAddress,
  signing: { resourceOf: signedResource },
  forms: formUploads,
  // `InvalidBucketName`, `MalformedXML` …: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
  validation: 'self',
  record: { data: DATA_EVENTS },
};
