import { invalidParameter, markedForDeletion, secretNotFound } from '../errors.ts';
import { DEFAULT_RECOVERY_DAYS, MAX_RECOVERY_DAYS, MIN_RECOVERY_DAYS } from '../limits.ts';
import { parseSecretId, secretArn } from '../model/secret.ts';
import { DELETE_SECRET } from '../reconcilers/delete-secret.ts';
import { deleteSecret as deleteRows, findSecret, updateSecret } from '../store.ts';
import { NO_SUFFIX, onSecret, requireSecret } from './access.ts';
import { secretsmanager } from './declare.ts';

const DAY_MS = 24 * 3_600_000;

export const deleteSecret = secretsmanager('deleteSecret', onSecret, async (ctx, input) => {
  const { ForceDeleteWithoutRecovery: force, RecoveryWindowInDays: window } = input;
  if (force && window !== undefined) {
    throw invalidParameter(
      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    );
  }
  if (window !== undefined && (window < MIN_RECOVERY_DAYS || window > MAX_RECOVERY_DAYS)) {
    throw invalidParameter(
      `The RecoveryWindowInDays value must be between ${MIN_RECOVERY_DAYS} and ${MAX_RECOVERY_DAYS} days (inclusive).`,
    );
  }
  const now = ctx.clock.now();
  return ctx.transaction(async (tx) => {
    const secret = await findSecret(tx, ctx, parseSecretId(input.SecretId ?? '', ctx));
    if (!secret) {
      if (!force) throw secretNotFound();
      // Deleting by force what is gone already succeeds, so that retries do.
      const name = input.SecretId ?? '';
      return {
        ARN: name.startsWith('arn:') ? name : secretArn(ctx, name, NO_SUFFIX),
        Name: name,
        DeletionDate: now,
      };
    }
    const answer = { ARN: secret.arn, Name: secret.name };
    if (force) {
      await deleteRows(tx, secret.arn);
      return { ...answer, DeletionDate: now };
    }
    if (secret.deletedAt) throw markedForDeletion();
    const deletesAt = new Date(now.getTime() + (window ?? DEFAULT_RECOVERY_DAYS) * DAY_MS);
    await updateSecret(tx, { ...secret, deletedAt: now, deletesAt });
    await ctx.engine.wake(tx, DELETE_SECRET, secret.arn, deletesAt);
    return { ...answer, DeletionDate: deletesAt };
  });
});

export const restoreSecret = secretsmanager('restoreSecret', onSecret, async (ctx, input) =>
  ctx.transaction(async (tx) => {
    const { deletedAt, deletesAt, ...secret } = await requireSecret(ctx, tx, input.SecretId);
    await updateSecret(tx, secret);
    return { ARN: secret.arn, Name: secret.name };
  }),
);
