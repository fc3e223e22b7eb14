import { byName, defineResource, type Named, tagObject } from '../../../kit/resource.ts';
import { type TagRules, tagsOf } from '../../../kit/tags.ts';
import { alarmNotFound, reservedTag, resourceNotFound, tooManyTags } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { changeAlarm, findAlarm, type StoredAlarm } from '../store/alarms.ts';

const named = byName('cloudwatch', 'alarm:');

export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  reserved: reservedTag,
  tooMany: tooManyTags,
};

export const alarm = defineResource<string | undefined, Named, StoredAlarm>({
  type: 'AWS::CloudWatch::Alarm',
  ...named,
  find: (db, { name, ...owner }) => findAlarm(db, owner, name),
  notFound: ({ name }) => alarmNotFound(name),
  tags: {
    of: ({ alarm }) => tagsOf(alarm.tags),
    async save(tx, { alarm, revision }, tags) {
      const changed = await changeAlarm(tx, {
        alarm: { ...alarm, tags: tagObject(tags) },
        revision,
      });
      if (!changed) throw resourceNotFound('alarm', alarm.arn);
    },
    rules: () => TAG_RULES,
  },
});
