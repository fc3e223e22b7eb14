import { parseArn } from '../../../aws/arn.ts';
import { defineResource, type Named, tagObject } from '../../../kit/resource.ts';
import { type TagRules, tagsOf } from '../../../kit/tags.ts';
import { busNotFound, invalid, limitExceeded } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { busArn, DEFAULT_BUS } from '../model/names.ts';
import { type Bus, findBus, saveBus } from '../store/buses.ts';

export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  duplicate: (key) => invalid(`Cannot provide multiple tags with the same key: ${key}`),
  reserved: () => invalid('Tag keys that begin with aws: are for AWS to use.'),
  tooMany: () => limitExceeded(`A resource can have no more than ${MAX_TAGS} tags.`),
};

const PREFIX = 'event-bus/';

/** A bus by its name or its ARN, which may be of another account; the default one where nothing is said. */
export const bus = defineResource<string | undefined, Named, Bus>({
  type: 'AWS::Events::EventBus',
  locate({ accountId, region, partition }, named = DEFAULT_BUS) {
    const arn = parseArn(named);
    if (arn?.service !== 'events' || !arn.resource.startsWith(PREFIX))
      return {
        accountId,
        region,
        name: named,
        arn: busArn({ accountId, region, partition }, named),
      };
    const name = arn.resource.slice(PREFIX.length);
    return { accountId: arn.accountId, region: arn.region, name, arn: named };
  },
  parse(arn) {
    if (!arn.resource.startsWith(PREFIX)) return undefined;
    const name = arn.resource.slice(PREFIX.length);
    return { accountId: arn.accountId, region: arn.region, name, arn: busArn(arn, name) };
  },
  find: (db, { name, ...owner }) => findBus(db, owner, name),
  notFound: ({ name }) => busNotFound(name),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, found, tags) => saveBus(tx, { ...found, tags: tagObject(tags) }),
    rules: () => TAG_RULES,
  },
  policy: { of: ({ policy }) => policy },
});

/** The bus that an ARN names, where it names one. */
export function busOf(text = ''): Named | undefined {
  const arn = parseArn(text);
  return arn?.service === 'events' ? bus.parse(arn) : undefined;
}
