import { forwarded } from '../../../kit/forwarded.ts';
import { isDenied, isUnusable, keyOfOwner, makeDataKey, openDataKey } from '../../../kit/kms.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { makeVault } from '../../../lib/vault.ts';
import { decryptionFailure, encryptionFailure, noAccessToKms } from '../errors.ts';
import type { SealedValue, Secret } from '../model/secret.ts';

/** The account's default key; KMS makes it when it is first used. */
export const DEFAULT_KEY = 'alias/aws/secretsmanager';

/** A secret's value in the clear: never stored, never logged. */
export type Value = { SecretString: string } | { SecretBinary: Uint8Array };

type Owned = Pick<Secret, 'accountId' | 'region' | 'kmsKeyId'>;

/** https://docs.aws.amazon.com/kms/latest/developerguide/services-secrets-manager.html#asm-encryption-context */
const underKey = (
  ctx: ServiceContext,
  arn: string,
  versionId: string,
  failure: (reason: string) => Error,
) => ({
  actAs: forwarded(ctx, 'secretsmanager'),
  context: { SecretARN: arn, SecretVersionId: versionId },
  words: (error: Error) =>
    isDenied(error) ? noAccessToKms() : isUnusable(error) ? failure(error.message) : undefined,
});

/** Encrypts by a data key of its own, as the caller. @throws EncryptionFailure AccessDeniedException */
export async function sealValue(
  ctx: ServiceContext,
  secret: Owned & Pick<Secret, 'arn'>,
  versionId: string,
  value: Value,
): Promise<SealedValue> {
  const under = underKey(ctx, secret.arn, versionId, encryptionFailure);
  const { kmsKeyId = DEFAULT_KEY } = secret;
  const dataKey = await makeDataKey(ctx, keyOfOwner(ctx, secret, kmsKeyId), under);
  const plaintext = 'SecretString' in value ? value.SecretString : value.SecretBinary;
  return {
    kind: 'SecretString' in value ? 'string' : 'binary',
    dataKey: dataKey.sealed,
    sealed: makeVault(dataKey.plaintext).seal(plaintext, versionId),
    keyArn: dataKey.keyArn,
  };
}

/** @throws DecryptionFailure AccessDeniedException */
export async function openValue(
  ctx: ServiceContext,
  arn: string,
  { versionId, dataKey, sealed, kind }: SealedValue & { versionId: string },
): Promise<Value> {
  const under = underKey(ctx, arn, versionId, decryptionFailure);
  const key = await openDataKey(ctx, { sealed: dataKey }, under);
  const plaintext = makeVault(key).open(sealed, versionId);
  return kind === 'string'
    ? { SecretString: plaintext.toString('utf8') }
    : { SecretBinary: plaintext };
}
