import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { markedForDeletion, secretNotFound } from '../errors.ts';
import { parseSecretId, type Secret, secretArn } from '../model/secret.ts';
import { findSecret } from '../store.ts';

/** Stands for the random characters of a secret that does not exist: policies end in `-??????` or `-*`. */
export const NO_SUFFIX = '??????';

/** The IAM question of an operation on one secret. */
export const onSecret = {
  resource: (ctx: ServiceContext, input: { SecretId?: string | undefined }) =>
    arnOf(ctx, input.SecretId ?? ''),
  named: (_ctx: ServiceContext, input: { SecretId?: string | undefined }) => input.SecretId ?? '',
};

/** The ARN of the secret that a SecretId names, or would have. */
export async function arnOf(ctx: ServiceContext, id: string): Promise<string> {
  const secret = await findSecret(ctx.db, ctx, parseSecretId(id, ctx));
  if (secret) return secret.arn;
  return id.startsWith('arn:') ? id : secretArn(ctx, id, NO_SUFFIX);
}

/** @throws ResourceNotFoundException */
export async function requireSecret(
  ctx: ServiceContext,
  tx: Tx,
  id: string | undefined,
): Promise<Secret> {
  const secret = await findSecret(tx, ctx, parseSecretId(id ?? '', ctx));
  if (!secret) throw secretNotFound();
  return secret;
}

/** @throws ResourceNotFoundException, InvalidRequestException when it awaits its deletion */
export async function requireLiveSecret(
  ctx: ServiceContext,
  tx: Tx,
  id: string | undefined,
): Promise<Secret> {
  const secret = await requireSecret(ctx, tx, id);
  if (secret.deletedAt) throw markedForDeletion();
  return secret;
}
