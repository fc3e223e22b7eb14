import { unsupported } from '../../../aws/errors.ts';
import type { Conditions } from '../../../aws/principal.ts';
import { on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  batchTooLong,
  emptyBatch,
  idsNotDistinct,
  invalid,
  invalidEntryId,
  tooManyEntries,
} from '../errors.ts';
import { MAX_BATCH_ENTRIES, MAX_MESSAGE_BYTES } from '../limits.ts';
import { bytesOf, readPublication } from '../model/publication.ts';
import { publishAll } from '../publishing/publish.ts';
import { topic as topicKind } from '../resources/topic.ts';
import { sns } from './declare.ts';

interface Target {
  TopicArn?: string | undefined;
  TargetArn?: string | undefined;
  PhoneNumber?: string | undefined;
}

/** Stands for a telephone, which is no resource of anybody's. */
const PHONE = '*';

const targetOf = ({ TopicArn, TargetArn, PhoneNumber }: Target) =>
  PhoneNumber === undefined ? (TopicArn ?? TargetArn) : PHONE;

/** Topics, and what else may be published to, which is refused by name. */
const target = {
  ...topicKind,
  locate(caller: Parameters<typeof topicKind.locate>[0], named: string | undefined) {
    if (named === PHONE) throw unsupported('SMS');
    if (!named) throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
    return topicKind.locate(caller, named);
  },
};

/**
 * Services of the owner's that its default policy lets in say so; a person's call does not.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html#source-account-versus-source-owner
 */
const SAY_OWNER = new Set(['cloudwatch.amazonaws.com', 'codecommit.amazonaws.com']);

const options = {
  conditions({ principal }: ServiceContext): Conditions {
    const says = principal.type === 'service' && SAY_OWNER.has(principal.service);
    return says ? { 'aws:sourceowner': principal.accountId } : {};
  },
};

export const publish = sns('publish', on(target, targetOf, options), async (ctx, input, topic) => {
  const draft = readPublication(input, topic);
  if (bytesOf(input) > MAX_MESSAGE_BYTES) throw invalid('Message too long');
  const [published] = await publishAll(ctx, topic, [draft]);
  return published ?? {};
});

const ENTRY_ID = /^[A-Za-z0-9_-]{1,80}$/;

export const publishBatch = sns(
  'publishBatch',
  {
    ...on(topicKind, ({ TopicArn }: { TopicArn: string | undefined }) => TopicArn, options),
    action: 'sns:Publish',
  },
  async (ctx, input, topic) => {
    const entries = input.PublishBatchRequestEntries ?? [];
    const ids = entries.map(({ Id = '' }) => Id);
    if (entries.length === 0) throw emptyBatch();
    if (entries.length > MAX_BATCH_ENTRIES) throw tooManyEntries();
    const strange = ids.find((id) => !ENTRY_ID.test(id));
    if (strange !== undefined) throw invalidEntryId(strange);
    if (new Set(ids).size < ids.length) throw idsNotDistinct();
    const drafts = entries.map((entry) => readPublication(entry, topic));
    if (entries.reduce((sum, entry) => sum + bytesOf(entry), 0) > MAX_MESSAGE_BYTES)
      throw batchTooLong();
    const published = await publishAll(ctx, topic, drafts);
    return {
      Successful: published.map((one, index) => ({ Id: ids[index], ...one })),
      Failed: [],
    };
  },
);
