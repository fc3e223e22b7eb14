import type { TagFinder } from '../../../kit/resource-tags.ts';
import { tagsOf as read } from '../../../kit/tags.ts';
import { findParameter } from '../store.ts';

/** Of parameters: in an ARN the name of one in a hierarchy has lost its first slash. */
export const tagsOf: TagFinder = async (db, owner) => {
  const [, name] = /^parameter\/(.+)$/s.exec(owner.resource) ?? [];
  if (name === undefined) return undefined;
  const parameter =
    (await findParameter(db, owner, name)) ?? (await findParameter(db, owner, `/${name}`));
  return parameter && read(parameter.tags);
};
