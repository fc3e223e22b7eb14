import * as client from '@aws-sdk/client-s3';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { labelsOfAddress, signedResource } from './address.ts';
import { formUploads } from './form/upload.ts';
import { objects } from './migrations/0001-objects.ts';
import { operations } from './operations/index.ts';
import { s3Protocol } from './protocol.ts';
import { blobsReconciler } from './reconcilers/blobs.ts';

const api = apiOf(client, {
  protocols: [s3Protocol],
  // Whoever has no signature can only want an object: forms and links need none where they are public.
  anonymous: true,
  address: labelsOfAddress,
  signing: { resourceOf: signedResource },
  forms: formUploads,
  // `InvalidBucketName`, `MalformedXML` …: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
  validation: 'self',
});

export default defineService({
  name: 's3',
  apis: [{ api, operations }],
  migrations: [objects],
  reconcilers: [blobsReconciler],
});
