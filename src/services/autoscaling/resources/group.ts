import { formatArn, parseArn } from '../../../aws/arn.ts';
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
  /** Of an ARN: a group that was, or is elsewhere, is not one of its name here. */
  id?: string;
}

const NAME = /^autoScalingGroup:([^:]*):autoScalingGroupName\/(.+)$/s;

const located = (
  place: { accountId: string; region: string; partition?: string },
  name: string,
  id?: string,
): NamedGroup => {
  const { accountId, region } = place;
  const resource = `autoScalingGroup:*:autoScalingGroupName/${name}`;
  const arn = formatArn({ ...place, service: 'autoscaling', resource });
  return { accountId, region, name, arn, ...(id && id !== '*' && { id }) };
};

/** Is it the one that a call names? */
export const isMeant = ({ name, id }: Pick<NamedGroup, 'name' | 'id'>, group: Group): boolean =>
  group.name === name && (id === undefined || group.body.id === id);

export const group = defineResource<string | undefined, NamedGroup, Group>({
  type: 'AWS::AutoScaling::AutoScalingGroup',
  // ARNs are taken for names, by most calls.
  locate(caller, named = '') {
    const arn = parseArn(named);
    const [, id, name] = NAME.exec(arn?.resource ?? '') ?? [];
    const isHere =
      arn?.service === 'autoscaling' &&
      arn.accountId === caller.accountId &&
      arn.region === caller.region;
    // No group has a name with a colon.
    return isHere && name !== undefined ? located(caller, name, id) : located(caller, named);
  },
  parse(arn) {
    const [, id, name] = NAME.exec(arn.resource) ?? [];
    return name === undefined ? undefined : located(arn, name, id);
  },
  async find(db, located) {
    const found = await findGroup(db, located, located.name);
    return found && isMeant(located, found) ? found : undefined;
  },
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
