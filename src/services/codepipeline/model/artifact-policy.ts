import type { ArtifactStore } from './declaration.ts';
import type { ArtifactLocation } from './state.ts';

/** What a job works on. */
export interface JobArtifacts {
  inputs: readonly ArtifactLocation[];
  outputs: readonly ArtifactLocation[];
  store: ArtifactStore;
  region: string;
}

/**
 * The session policy of a job worker's credentials (CP-C35): it reads its inputs, writes its outputs, and uses keys for
 * that alone. What the role itself may not, the session may not either.
 */
export function artifactPolicy({ inputs, outputs, store, region }: JobArtifacts): string {
  const key = store.encryptionKey?.id;
  const statements = [
    ...allow(['s3:GetObject', 's3:GetObjectVersion'], inputs),
    ...allow(['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts'], outputs),
    {
      Effect: 'Allow',
      Action: [
        'kms:Decrypt',
        'kms:Encrypt',
        'kms:ReEncrypt*',
        'kms:GenerateDataKey*',
        'kms:DescribeKey',
      ],
      // An id or an alias is not known as an ARN here; S3 is who uses the key, for those objects alone.
      Resource: key?.startsWith('arn:') && key.includes(':key/') ? key : '*',
      Condition: { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } },
    },
  ];
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

function allow(actions: string[], artifacts: readonly ArtifactLocation[]): object[] {
  if (artifacts.length === 0) return [];
  const resources = artifacts.map(({ bucket, key }) => `arn:aws:s3:::${bucket}/${key}`);
  return [{ Effect: 'Allow', Action: actions, Resource: resources }];
}
