import type { Tx } from '../../../db/database.ts';
import { on } from '../../../kit/resource.ts';
import { secretNotFound } from '../errors.ts';
import type { Secret } from '../model/secret.ts';
import { live, secret } from '../resources/secret.ts';
import { findSecretByArn } from '../store/secrets.ts';

/** The rule of an operation on one secret. */
export const onSecret = on(secret, (input: { SecretId?: string | undefined }) => input.SecretId);

/** The secret as it is in this transaction. @throws ResourceNotFoundException */
export async function currentSecret(tx: Tx, arn: string): Promise<Secret> {
  const found = await findSecretByArn(tx, arn);
  if (!found) throw secretNotFound();
  return found;
}

/** @throws ResourceNotFoundException, InvalidRequestException when it awaits its deletion */
export const liveSecret = async (tx: Tx, arn: string) => live(await currentSecret(tx, arn));
