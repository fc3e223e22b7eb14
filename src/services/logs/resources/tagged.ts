import { parseArn } from '../../../aws/arn.ts';
import { defineResource, type Named } from '../../../kit/resource.ts';
import { resourceNotFound } from '../errors.ts';
import type { PolicedGroup } from '../store/policies.ts';
import type { DestinationRow } from '../store/tables.ts';
import { destination } from './destination.ts';
import { TAG_RULES, taggedGroup } from './log-group.ts';

interface LocatedTagged extends Named {
  isDestination: boolean;
}

const isGroup = (thing: PolicedGroup | DestinationRow): thing is PolicedGroup =>
  'policies' in thing;

/** What the newer operations on tags name by its ARN: a group or a destination. */
export const tagged = defineResource<
  string | undefined,
  LocatedTagged,
  PolicedGroup | DestinationRow
>({
  type: 'AWS::Logs::LogGroup',
  locate(caller, arn = '') {
    const parsed = parseArn(arn);
    const own = parsed?.service === 'logs' && parsed.region === caller.region;
    const found = own ? destination.parse(parsed) : undefined;
    return found
      ? { ...found, isDestination: true }
      : { ...taggedGroup.locate(caller, arn), isDestination: false };
  },
  parse: () => undefined,
  find: (db, located) =>
    located.isDestination ? destination.find(db, located) : taggedGroup.find(db, located),
  notFound: resourceNotFound,
  tags: {
    of: (thing) =>
      (isGroup(thing) ? taggedGroup.tags?.of(thing) : destination.tags?.of(thing)) ?? new Map(),
    async save(tx, thing, tags) {
      if (isGroup(thing)) await taggedGroup.tags?.save?.(tx, thing, tags);
      else await destination.tags?.save?.(tx, thing, tags);
    },
    rules: (thing) => (isGroup(thing) && taggedGroup.tags?.rules?.(thing)) || TAG_RULES,
  },
  policy: {
    of: (thing, caller) =>
      isGroup(thing)
        ? taggedGroup.policy?.of(thing, caller)
        : destination.policy?.of(thing, caller),
  },
});
