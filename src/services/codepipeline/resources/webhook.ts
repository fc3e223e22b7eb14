import { byName, defineResource, type Named } from '../../../kit/resource.ts';
import { tagsOf } from '../../../kit/tags.ts';
import { webhookNotFound } from '../errors.ts';
import { findWebhook, putWebhook, type StoredWebhook } from '../store/webhooks.ts';
import { tagList, tagRules } from './pipeline.ts';

const names = byName('codepipeline', 'webhook:');

/** Its ARN. */
export const webhookArn = (hook: Pick<StoredWebhook, 'accountId' | 'region' | 'name'>) =>
  names.locate(hook, hook.name).arn;

/** `arn:aws:codepipeline:REGION:ACCOUNT:webhook:NAME` (CP-A2). */
export const webhook = defineResource<string | undefined, Named, StoredWebhook>({
  ...names,
  type: 'AWS::CodePipeline::Webhook',
  find: (db, { accountId, region, name }) => findWebhook(db, { accountId, region, name }),
  notFound: ({ name }) => webhookNotFound(name),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, hook, tags) => putWebhook(tx, { ...hook, tags: tagList(tags) }),
    rules: (hook) => tagRules(webhookArn(hook)),
  },
});
