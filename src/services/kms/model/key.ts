import { createHash } from 'node:crypto';
import type { KeyMetadata, Tag } from '@aws-sdk/client-kms';
import { keyDisabled, keyPendingDeletion } from '../errors.ts';
import { keyArn } from './key-id.ts';

export type State = 'Enabled' | 'Disabled' | 'PendingDeletion';

export interface Key {
  accountId: string;
  region: string;
  keyId: string;
  /** AWS: a default key of a service, such as aws/s3. */
  manager: 'CUSTOMER' | 'AWS';
  state: State;
  createdAt: Date;
  deletionAt: Date | undefined;
  description: string;
  policy: string;
  tags: Tag[];
  /** Key material, sealed by the vault. */
  material: string;
}

/** The services whose default key is made when it is first asked for: `alias/aws/s3` and so on. */
const MANAGED = ['s3', 'ssm', 'secretsmanager', 'codecommit', 'sqs', 'sns'];

/** The service of a default key's alias, or undefined when it is none that exists here. */
export function managedService(aliasName: string): string | undefined {
  return MANAGED.find((service) => aliasName === defaultAlias(service));
}

/** The alias of a service's default key. */
export function defaultAlias(service: string): string {
  return `alias/aws/${service}`;
}

/** Names the key's material, 64 hexadecimal digits, and says nothing of it. No key rotates, so each has one. */
export function materialIdOf({ keyId }: Pick<Key, 'keyId'>): string {
  return createHash('sha256').update(`kms:material:${keyId}`).digest('hex');
}

export function metadataOf(key: Key): KeyMetadata {
  return {
    AWSAccountId: key.accountId,
    KeyId: key.keyId,
    Arn: keyArn(key, key.keyId),
    CreationDate: key.createdAt,
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: key.state,
    ...(key.deletionAt && { DeletionDate: key.deletionAt }),
    Origin: 'AWS_KMS',
    KeyManager: key.manager,
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
    CurrentKeyMaterialId: materialIdOf(key),
  };
}

/** @throws DisabledException, KMSInvalidStateException */
export function assertUsable(key: Key): void {
  if (key.state === 'Disabled') throw keyDisabled(keyArn(key, key.keyId));
  assertNotPending(key);
}

/** @throws KMSInvalidStateException */
export function assertNotPending(key: Key): void {
  if (key.state === 'PendingDeletion') throw keyPendingDeletion(keyArn(key, key.keyId));
}
