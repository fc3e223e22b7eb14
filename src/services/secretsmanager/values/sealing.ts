import { formatArn } from '../../../aws/arn.ts';
import { type KmsWords, makeDataKey, openDataKey } from '../../../kit/kms.ts';
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
const underKey = (arn: string, versionId: string, failure: (reason: string) => Error) => ({
  service: 'secretsmanager',
  context: { SecretARN: arn, SecretVersionId: versionId },
  words: { denied: noAccessToKms, unusable: ({ message }) => failure(message) } satisfies KmsWords,
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
  const under = underKey(secret.arn, versionId, encryptionFailure);
  const dataKey = await makeDataKey(ctx, keyOf(ctx, secret), under);
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
  const under = underKey(arn, versionId, decryptionFailure);
  const key = await openDataKey(ctx, { sealed: dataKey }, under);
  const plaintext = makeVault(key).open(sealed, versionId);
  return kind === 'string'
    ? { SecretString: plaintext.toString('utf8') }
    : { SecretBinary: plaintext };
}
