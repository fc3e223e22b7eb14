import { formatArn, parseArn } from '../../../aws/arn.ts';
import {
  at,
  byName,
  defineResource,
  type Located,
  type Named,
  on,
  type Place,
  tagObject,
} from '../../../kit/resource.ts';
import { type TagRules, tagsOf } from '../../../kit/tags.ts';
import { groupNotFound, invalid, scheduleNotFound, tooMany } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { DEFAULT_GROUP, type Schedule } from '../model/schedule.ts';
import { findGroup, type Group, saveGroup } from '../store/groups.ts';
import { findSchedule } from '../store/schedules.ts';

export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  reserved: () => invalid('Tag keys that begin with aws: are for AWS to use.'),
  tooMany: () => tooMany(`A schedule group can have no more than ${MAX_TAGS} tags.`),
};

export const group = defineResource<string | undefined, Named, Group>({
  type: 'AWS::Scheduler::ScheduleGroup',
  ...byName('scheduler', 'schedule-group/'),
  find: (db, { name, ...owner }) => findGroup(db, owner, name),
  notFound: ({ name }) => groupNotFound(name),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, found, tags) => saveGroup(tx, { ...found, tags: tagObject(tags) }),
    rules: () => TAG_RULES,
  },
});

/** As operations on tags name it. */
export const taggedGroup = defineResource<string | undefined, Named, Group>({
  ...group,
  locate(_, text = '') {
    const arn = parseArn(text);
    const located = arn?.service === 'scheduler' ? group.parse(arn) : undefined;
    if (!located) throw invalid(`Invalid resource ARN ${text}.`);
    return located;
  },
});

export interface LocatedSchedule extends Located {
  group: string;
  name: string;
}

interface NamesSchedule {
  Name: string | undefined;
  GroupName?: string | undefined;
}

const placed = ({ accountId, region, partition }: Place, its: string, name: string) => ({
  ...{ accountId, region, group: its, name },
  arn: formatArn({
    ...{ partition, service: 'scheduler', region, accountId },
    resource: `schedule/${its}/${name}`,
  }),
});

export const schedule = defineResource<NamesSchedule, LocatedSchedule, Schedule>({
  type: 'AWS::Scheduler::Schedule',
  locate: (place, { Name = '', GroupName = DEFAULT_GROUP }) => placed(place, GroupName, Name),
  parse(arn) {
    const [kind, its = '', name] = arn.resource.split('/');
    return kind === 'schedule' && name !== undefined ? placed(arn, its, name) : undefined;
  },
  find: findSchedule,
  notFound: ({ name }) => scheduleNotFound(name),
});

const pick = ({ Name, GroupName }: NamesSchedule) => ({ Name, GroupName });
export const onSchedule = on(schedule, pick);
export const atSchedule = at(schedule, pick);
const pickGroup = ({ Name }: { Name: string | undefined }) => Name;
export const onGroup = on(group, pickGroup);
export const atGroup = at(group, pickGroup);
