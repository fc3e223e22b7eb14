import type { RequestFacts } from '../../../aws/context.ts';
import { defineResource, type Located, type Place, tagObject } from '../../../kit/resource.ts';
import { type TagRules, tagsOf } from '../../../kit/tags.ts';
import { invalidAddress, invalidValue, missingParameter, queueNotFound } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { type Queue, queueArn } from '../model/queue.ts';
import { parseQueueUrl } from '../model/queue-url.ts';
import { findQueue, updateQueue } from '../store/queues.ts';

export interface LocatedQueue extends Located {
  name: string;
}

export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  reserved: () => invalidValue('Tag keys starting with aws: are reserved for system use.'),
  tooMany: () => invalidValue(`Too many tags added for queue. Maximum is ${MAX_TAGS} tags.`),
};

export const located = ({ accountId, region }: Place, name: string): LocatedQueue => ({
  ...{ accountId, region, name },
  arn: queueArn({ accountId, region }, name),
});

/** Named by its URL. Another account gets in where the queue's policy lets it. */
export const queue = defineResource<string | undefined, LocatedQueue, Queue>({
  type: 'AWS::SQS::Queue',
  locate(caller: RequestFacts, url) {
    if (url === undefined || url === '') throw missingParameter('QueueUrl');
    const address = parseQueueUrl(url, caller.accountId);
    if (!address || (address.region ?? caller.region) !== caller.region) throw invalidAddress(url);
    return located({ accountId: address.accountId, region: caller.region }, address.name);
  },
  parse: (arn) => located(arn, arn.resource),
  find: (db, { name, ...owner }) => findQueue(db, owner, name),
  notFound: queueNotFound,
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, found, tags) => updateQueue(tx, { ...found, tags: tagObject(tags) }),
    rules: () => TAG_RULES,
  },
  policy: { of: ({ attributes }) => attributes.Policy },
});

/**
 * For what no policy gives to another account.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-customer-managed-policy-examples.html#grant-cross-account-permissions-to-role-and-user-name
 */
export const ownQueue = defineResource<string | undefined, LocatedQueue, Queue>({
  ...queue,
  policy: {
    of: ({ accountId, attributes }, caller) =>
      accountId === caller.accountId ? attributes.Policy : undefined,
  },
});

/** Named by its name, in the caller's account or another. */
export const namedQueue = defineResource<
  { name: string | undefined; accountId?: string | undefined },
  LocatedQueue,
  Queue
>({
  ...queue,
  locate(caller, { name, accountId = caller.accountId }) {
    if (name === undefined) throw missingParameter('QueueName');
    return located({ accountId, region: caller.region }, name);
  },
});
