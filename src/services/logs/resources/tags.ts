import type { TagFinder } from '../../../kit/resource-tags.ts';
import { tagsOf as read } from '../../../kit/tags.ts';
import { decodeJson } from '../../../lib/json.ts';
import { findGroup } from '../store.ts';

/** Of log groups, for their streams too. */
export const tagsOf: TagFinder = async (db, owner) => {
  const [, name] = /^log-group:([^:]+)/.exec(owner.resource) ?? [];
  const group = name === undefined ? undefined : await findGroup(db, owner, name);
  return group && read(decodeJson<Record<string, string>>(group.tags));
};
