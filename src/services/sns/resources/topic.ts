import { formatArn } from '../../../aws/arn.ts';
import { unsupported } from '../../../aws/errors.ts';
import { defineResource, type Located, tagObject } from '../../../kit/resource.ts';
import { type TagRules, tagsOf } from '../../../kit/tags.ts';
import { invalid, invalidArn, tooManyTags, topicNotFound } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { type Topic, topicOfArn } from '../model/topic.ts';
import { findTopic, updateTopic } from '../store/topics.ts';

interface LocatedTopic extends Located {
  /** The region that the call was made to: topics are found in their own. */
  asked: string;
}

export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  duplicate: () => invalid('Duplicated keys are not allowed.'),
  reserved: () => invalid('Tags Reason: Tag keys that begin with aws: are reserved'),
  tooMany: tooManyTags,
};

export const topic = defineResource<string | undefined, LocatedTopic, Topic>({
  type: 'AWS::SNS::Topic',
  locate(caller, named = '') {
    const found = topicOfArn(named);
    if (!found) {
      if (/^arn:aws[^:]*:sns:[^:]*:[^:]*:(app|endpoint)\//.test(named))
        throw unsupported('mobile push notifications');
      throw invalidArn('TopicArn', named);
    }
    return { ...found, asked: caller.region };
  },
  parse(arn) {
    const found = topicOfArn(formatArn(arn));
    // The ARN of a subscription is one of another kind.
    if (found?.arn !== formatArn(arn)) return undefined;
    return { ...found, asked: found.region };
  },
  check({ region, asked }) {
    if (region !== asked) throw invalid('TopicArn');
  },
  find: (db, { arn }) => findTopic(db, arn),
  notFound: topicNotFound,
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, found, tags) => updateTopic(tx, { ...found, tags: tagObject(tags) }),
    rules: () => TAG_RULES,
  },
  policy: { of: ({ policy }) => policy },
});
