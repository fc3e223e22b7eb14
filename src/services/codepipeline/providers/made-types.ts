import type { Tx } from '../../../db/database.ts';
import type { ActionFacts } from '../model/action-type.ts';
import type { ActionTypeId } from '../model/declaration.ts';
import { factsOf, mayUse } from '../model/made-type.ts';
import { findMadeFacts, findMadeTypes, type Place } from '../store/action-types.ts';
import { workTypes } from './index.ts';

/** All action types that these ids may mean: AWS's, and of the others those that there are or were. */
export async function knownTypes(
  tx: Tx,
  place: Place,
  ids: readonly ActionTypeId[],
): Promise<readonly ActionFacts[]> {
  const made = await findMadeFacts(tx, place, ids);
  return made.length === 0 ? workTypes : [...workTypes, ...made];
}

/** Those of them that an account's pipelines may have actions of: not what was deleted, nor what is others'. */
export async function usableTypes(
  tx: Tx,
  place: Place,
  ids: readonly ActionTypeId[],
): Promise<readonly ActionFacts[]> {
  const made = (await findMadeTypes(tx, place, ids))
    .filter(({ deleted }) => !deleted)
    .map(factsOf)
    .filter((type) => mayUse(type, place.accountId));
  return made.length === 0 ? workTypes : [...workTypes, ...made];
}
