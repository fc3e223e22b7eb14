import type { Tag } from '@aws-sdk/client-codedeploy';
import { at, byName, defineResource, findByName, type Named, on } from '../../../kit/resource.ts';
import { type Tags, tagsOf } from '../../../kit/tags.ts';
import { applicationDoesNotExist } from '../errors.ts';
import { requireApplicationName } from '../operations/validate.ts';
import {
  type Application,
  findApplications,
  updateApplicationTags,
} from '../store/applications.ts';
import { tagRules } from './tag-rules.ts';

/** Tags as the store has them. */
export const tagList = (tags: Tags): Tag[] => [...tags].map(([Key, Value]) => ({ Key, Value }));

export const application = defineResource<string | undefined, Named, Application>({
  type: 'AWS::CodeDeploy::Application',
  ...byName('codedeploy', 'application:'),
  ...findByName(findApplications),
  check: ({ name }) => void requireApplicationName(name),
  notFound: ({ name }) => applicationDoesNotExist(name),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, found, tags) => updateApplicationTags(tx, { ...found, tags: tagList(tags) }),
    rules: tagRules,
  },
});

const nameIn = ({ applicationName }: { applicationName?: string | undefined }) => applicationName;

/** The permission of an operation on one application. */
export const onApplication = on(application, nameIn);
export const atApplication = at(application, nameIn);
