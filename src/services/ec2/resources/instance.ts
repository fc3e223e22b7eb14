import {
  at,
  atEach,
  byName,
  defineResource,
  findByName,
  type Named,
  onEach,
} from '../../../kit/resource.ts';
import { invalidValue, malformed, notFound } from '../errors.ts';
import { MAX_IDS } from '../limits.ts';
import { prefixOf } from '../model/ids.ts';
import type { TaggedInstance } from '../model/instance.ts';
import { findInstances } from '../store/instances.ts';
import { saveTags, tagsById } from '../store/tags.ts';
import { TAG_RULES } from './tag-rules.ts';

export const instance = defineResource<string | undefined, Named, TaggedInstance>({
  type: 'AWS::EC2::Instance',
  ...byName('ec2', 'instance/'),
  ...findByName(async (db, place, ids) => {
    const found = await findInstances(db, place, ids);
    const tags = await tagsById(db, place, [...found.keys()]);
    return new Map(
      [...found].map(([id, its]) => [id, { ...its, tags: tags.get(id) ?? new Map() }]),
    );
  }),
  check({ name }) {
    if (prefixOf(name) !== 'i') throw malformed('i', name);
  },
  notFound: ({ name }) => notFound('i', name),
  tags: {
    of: ({ tags }) => tags,
    save: (tx, found, tags) => saveTags(tx, found, found.id, tags),
    rules: () => TAG_RULES,
  },
});

interface NamesInstance {
  InstanceId?: string | undefined;
}
interface NamesInstances {
  InstanceIds?: string[] | undefined;
}

export const atInstance = at(instance, ({ InstanceId }: NamesInstance) => InstanceId);
/** @throws for more than one call may name: each is a question to IAM */
function idsOf({ InstanceIds = [] }: NamesInstances): string[] {
  if (InstanceIds.length > MAX_IDS)
    throw invalidValue(`No more than ${MAX_IDS} ids are named by one call.`);
  return InstanceIds;
}

export const atInstances = atEach(instance, idsOf);
export const onInstances = onEach(instance, idsOf);
