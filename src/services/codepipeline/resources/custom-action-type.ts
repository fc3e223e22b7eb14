import { formatArn } from '../../../aws/arn.ts';
import { defineResource, type Located } from '../../../kit/resource.ts';
import { tagsOf } from '../../../kit/tags.ts';
import { actionTypeNotFound } from '../errors.ts';
import type { ActionTypeId } from '../model/declaration.ts';
import { findMadeType, type StoredType, setTypeTags } from '../store/action-types.ts';
import { tagList, tagRules } from './pipeline.ts';

/** As calls name an action type. */
export interface NamedType {
  category: string | undefined;
  owner: string | undefined;
  provider: string | undefined;
  version: string | undefined;
}

export interface LocatedType extends Located {
  id: ActionTypeId;
}

const PREFIX = 'actiontype:';

/** `arn:aws:codepipeline:REGION:ACCOUNT:actiontype:Owner/Category/Provider/Version` (CP-A2). */
export const customActionType = defineResource<NamedType, LocatedType, StoredType>({
  type: 'AWS::CodePipeline::CustomActionType',
  locate: (place, { owner = '', category = '', provider = '', version = '' }) =>
    located(place, { owner, category, provider, version } as ActionTypeId),
  parse(arn) {
    const [owner, category, provider, version, ...more] = arn.resource
      .slice(PREFIX.length)
      .split('/');
    if (!arn.resource.startsWith(PREFIX) || version === undefined || more.length > 0)
      return undefined;
    return located(arn, { owner, category, provider, version } as ActionTypeId);
  },
  // A third party's is there for those who use it, and is tagged by whose it is.
  async find(db, { id, ...place }) {
    const found = await findMadeType(db, place, id);
    return found?.deleted || found?.accountId !== place.accountId ? undefined : found;
  },
  notFound: ({ id }) => actionTypeNotFound(id),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, type, tags) => setTypeTags(tx, type, tagList(tags)),
    rules: ({ accountId, region, id }) => tagRules(located({ accountId, region }, id).arn),
  },
});

function located(
  { accountId, region, partition }: { accountId: string; region: string; partition?: string },
  id: ActionTypeId,
): LocatedType {
  const { owner, category, provider, version } = id;
  const resource = `${PREFIX}${owner}/${category}/${provider}/${version}`;
  const arn = formatArn({ partition, service: 'codepipeline', region, accountId, resource });
  return { accountId, region, id, arn };
}

/** The same for who polls: a third party's job workers may be in another account than its own. */
export const polledType = defineResource<NamedType, LocatedType, StoredType>({
  ...customActionType,
  async find(db, { id, ...place }) {
    const found = await findMadeType(db, place, id);
    return found?.deleted ? undefined : found;
  },
});
