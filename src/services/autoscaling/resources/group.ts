import { formatArn } from '../../../aws/arn.ts';
import { at, defineResource, type Located, on } from '../../../kit/resource.ts';
import { type TagRules, tagsOf } from '../../../kit/tags.ts';
import { invalid, noGroup } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { arnOf, type Group } from '../model/group.ts';
import { findGroup } from '../store/groups.ts';

export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  duplicate: (key) => invalid(`Duplicate tag key '${key}'`),
  reserved: () => invalid("Reserved tag key prefix 'aws:' may not be used"),
  tooMany: () => invalid(`An Auto Scaling group has ${MAX_TAGS} tags at most`),
};

interface NamedGroup extends Located {
  name: string;
}

const NAME = /^autoScalingGroup:[^:]*:autoScalingGroupName\/(.+)$/s;

const located = (
  place: { accountId: string; region: string; partition?: string },
  name: string,
): NamedGroup => {
  const { accountId, region } = place;
  const resource = `autoScalingGroup:*:autoScalingGroupName/${name}`;
  const arn = formatArn({ ...place, service: 'autoscaling', resource });
  return { accountId, region, name, arn };
};

export const group = defineResource<string | undefined, NamedGroup, Group>({
  type: 'AWS::AutoScaling::AutoScalingGroup',
  // ARNs are taken for names, by most calls.
  locate: (caller, named = '') =>
    located(caller, NAME.exec(named.split(':').slice(5).join(':'))?.[1] ?? named),
  parse(arn) {
    const name = NAME.exec(arn.resource)?.[1];
    return name === undefined ? undefined : located(arn, name);
  },
  find: (db, { name, ...owner }) => findGroup(db, owner, name),
  known: (found) => ({ arn: arnOf(found) }),
  notFound: ({ name }) => noGroup(name),
  tags: { of: ({ body }) => tagsOf(body.tags) },
});

interface NamesGroup {
  AutoScalingGroupName?: string | undefined;
}

const pick = ({ AutoScalingGroupName }: NamesGroup) => AutoScalingGroupName;
export const onGroup = on(group, pick);
export const atGroup = at(group, pick);
