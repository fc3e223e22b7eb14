import { DecryptCommand, GenerateDataKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { formatArn } from '../../../aws/arn.ts';
import { isAwsError } from '../../../aws/errors.ts';
import { forwarded } from '../../../kit/forwarded.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { makeVault } from '../../../lib/vault.ts';
import { decryptionFailure, encryptionFailure, noAccessToKms } from '../errors.ts';
import type { SealedValue, Secret } from '../model/secret.ts';

/** The account's default key; KMS makes it when it is first used. */
export const DEFAULT_KEY = 'alias/aws/secretsmanager';

/** A secret's value in the clear: never stored, never logged. */
export type Value = { SecretString: string } | { SecretBinary: Uint8Array };

type Owned = Pick<Secret, 'accountId' | 'region' | 'kmsKeyId'>;

const kmsOf = (ctx: ServiceContext) => ctx.client(KMSClient, forwarded(ctx, 'secretsmanager'));

/** https://docs.aws.amazon.com/kms/latest/developerguide/services-secrets-manager.html#asm-encryption-context */
const contextOf = (arn: string, versionId: string) => ({
  SecretARN: arn,
  SecretVersionId: versionId,
});

/** A key of the secret's account, whoever calls. */
function keyOf(ctx: ServiceContext, { accountId, region, kmsKeyId = DEFAULT_KEY }: Owned): string {
  if (accountId === ctx.accountId || kmsKeyId.startsWith('arn:')) return kmsKeyId;
  const resource = kmsKeyId.startsWith('alias/') ? kmsKeyId : `key/${kmsKeyId}`;
  return formatArn({ service: 'kms', region, accountId, resource });
}

/** Encrypts by a data key of its own, as the caller. @throws EncryptionFailure AccessDeniedException */
export async function sealValue(
  ctx: ServiceContext,
  secret: Owned & Pick<Secret, 'arn'>,
  versionId: string,
  value: Value,
): Promise<SealedValue> {
  const dataKey = await throughKms(encryptionFailure, () =>
    kmsOf(ctx).send(
      new GenerateDataKeyCommand({
        KeyId: keyOf(ctx, secret),
        KeySpec: 'AES_256',
        EncryptionContext: contextOf(secret.arn, versionId),
      }),
    ),
  );
  const plaintext = 'SecretString' in value ? value.SecretString : value.SecretBinary;
  return {
    kind: 'SecretString' in value ? 'string' : 'binary',
    dataKey: Buffer.from(dataKey.CiphertextBlob ?? []).toString('base64'),
    sealed: makeVault(dataKey.Plaintext ?? new Uint8Array()).seal(plaintext, versionId),
    keyArn: dataKey.KeyId ?? '',
  };
}

/** @throws DecryptionFailure AccessDeniedException */
export async function openValue(
  ctx: ServiceContext,
  arn: string,
  version: SealedValue & { versionId: string },
): Promise<Value> {
  const { Plaintext } = await throughKms(decryptionFailure, () =>
    kmsOf(ctx).send(
      new DecryptCommand({
        CiphertextBlob: Buffer.from(version.dataKey, 'base64'),
        EncryptionContext: contextOf(arn, version.versionId),
      }),
    ),
  );
  const plaintext = makeVault(Plaintext ?? new Uint8Array()).open(
    version.sealed,
    version.versionId,
  );
  return version.kind === 'string'
    ? { SecretString: plaintext.toString('utf8') }
    : { SecretBinary: plaintext };
}

async function throughKms<T>(
  failure: (reason: string) => Error,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (isAwsError(error, 'AccessDeniedException')) throw noAccessToKms();
    if (
      isAwsError(
        error,
        'NotFoundException',
        'DisabledException',
        'KMSInvalidStateException',
        'InvalidCiphertextException',
      )
    ) {
      throw failure((error as Error).message);
    }
    throw error;
  }
}
