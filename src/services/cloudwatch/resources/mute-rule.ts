import { byName, defineResource, type Named, tagObject } from '../../../kit/resource.ts';
import { tagsOf } from '../../../kit/tags.ts';
import { resourceNotFound } from '../errors.ts';
import type { MuteRule } from '../model/mute.ts';
import { findMuteRule, putMuteRule } from '../store/mute-rules.ts';
import { TAG_RULES } from './alarm.ts';

export const muteRule = defineResource<string | undefined, Named, MuteRule>({
  type: 'AWS::CloudWatch::AlarmMuteRule',
  ...byName('cloudwatch', 'alarm-mute-rule:'),
  find: (db, { name, ...owner }) => findMuteRule(db, owner, name),
  notFound: ({ name }) => resourceNotFound('alarm-mute-rule', name),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, rule, tags) => putMuteRule(tx, { ...rule, tags: tagObject(tags) }),
    rules: () => TAG_RULES,
  },
});
