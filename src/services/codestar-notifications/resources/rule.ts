import { parseArn } from '../../../aws/arn.ts';
import type { Conditions } from '../../../aws/principal.ts';
import {
  at,
  defineResource,
  type Located,
  on,
  type Place,
  tagObject,
} from '../../../kit/resource.ts';
import { type TagRules, tagsOf } from '../../../kit/tags.ts';
import { invalid, limitExceeded, ruleNotFound } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { type NotificationRule, PREFIX, ruleArn } from '../model/rule.ts';
import { findRule, saveRule } from '../store/rules.ts';

export interface LocatedRule extends Located {
  id: string;
  /** The region that the call was made to: rules are found in their own. */
  asked: string;
}

export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  reserved: () => invalid('Tag keys that begin with aws: are for AWS to use.'),
  tooMany: () => limitExceeded(`A notification rule can have no more than ${MAX_TAGS} tags.`),
};

const placed = ({ accountId, region }: Place, id: string, asked: string): LocatedRule => ({
  ...{ accountId, region, id, asked },
  arn: ruleArn({ accountId, region, id }),
});

function parsed(place: Place & { resource: string }, asked = place.region) {
  const { resource } = place;
  return resource.startsWith(PREFIX)
    ? placed(place, resource.slice(PREFIX.length), asked)
    : undefined;
}

export const rule = defineResource<string, LocatedRule, NotificationRule>({
  type: 'AWS::CodeStarNotifications::NotificationRule',
  locate(caller, named) {
    const arn = parseArn(named);
    const located = arn && parsed(arn, caller.region);
    if (!located) throw invalid(`${named} is not the ARN of a notification rule.`);
    return located;
  },
  parse: parsed,
  async find(db, located) {
    return located.asked === located.region ? findRule(db, located, located.id) : undefined;
  },
  notFound: ({ arn }) => ruleNotFound(arn),
  // So that it is looked up before the question, which says what it listens to.
  known: () => ({}),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, found, tags) => saveRule(tx, { ...found, tags: tagObject(tags) }),
    rules: () => TAG_RULES,
  },
});

/** A rule that is to be made: its id is not known yet. */
export const newRule = defineResource<undefined, LocatedRule, NotificationRule>({
  ...rule,
  locate: (caller) => placed(caller, '*', caller.region),
  find: async () => undefined,
});

interface NamesRule {
  Arn: string;
}

/** `codestar-notifications:NotificationsForResource`: what the rule listens to. */
export const listensTo = (resource: string | undefined): Conditions =>
  resource === undefined ? {} : { 'codestar-notifications:notificationsforresource': resource };

const conditions = (_ctx: unknown, _input: NamesRule, found: NotificationRule | undefined) =>
  listensTo(found?.resource);

export const onRule = on(rule, ({ Arn }: NamesRule) => Arn, { conditions });
export const atRule = at(rule, ({ Arn }: NamesRule) => Arn, { conditions });
