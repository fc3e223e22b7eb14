import { at } from '../../../kit/resource.ts';
import { invalidParameter, secretNotFound } from '../errors.ts';
import { DEFAULT_RECOVERY_DAYS, MAX_RECOVERY_DAYS, MIN_RECOVERY_DAYS } from '../limits.ts';
import { DELETE_SECRET } from '../reconcilers/delete-secret.ts';
import { live, secret } from '../resources/secret.ts';
import { deleteSecret as deleteRows, updateSecret } from '../store/secrets.ts';
import { currentSecret, onSecret } from './access.ts';
import { secretsmanager } from './declare.ts';

const DAY_MS = 24 * 3_600_000;

const atSecret = at(secret, (input: { SecretId: string | undefined }) => input.SecretId);

export const deleteSecret = secretsmanager(
  'deleteSecret',
  atSecret,
  async (ctx, input, located) => {
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
      const found = await secret.find(tx, located);
      if (!found) {
        if (!force) throw secretNotFound();
        // Deleting by force what is gone already succeeds, so that retries do.
        return { ARN: located.arn, Name: located.asked, DeletionDate: now };
      }
      const answer = { ARN: found.arn, Name: found.name };
      if (force) {
        await deleteRows(tx, found.arn);
        return { ...answer, DeletionDate: now };
      }
      const deletesAt = new Date(now.getTime() + (window ?? DEFAULT_RECOVERY_DAYS) * DAY_MS);
      await updateSecret(tx, { ...live(found), deletedAt: now, deletesAt });
      await ctx.engine.wake(tx, DELETE_SECRET, found.arn, deletesAt);
      return { ...answer, DeletionDate: deletesAt };
    });
  },
);

export const restoreSecret = secretsmanager(
  'restoreSecret',
  onSecret,
  async (ctx, _input, { arn }) =>
    ctx.transaction(async (tx) => {
      const { deletedAt, deletesAt, ...found } = await currentSecret(tx, arn);
      await updateSecret(tx, found);
      return { ARN: arn, Name: found.name };
    }),
);
