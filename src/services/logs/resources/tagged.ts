import { parseArn } from '../../../aws/arn.ts';
import { anyOf } from '../../../kit/any-of.ts';
import { resourceNotFound } from '../errors.ts';
import { destination } from './destination.ts';
import { taggedGroup } from './log-group.ts';

/** What the newer operations on tags name by its ARN. */
export const tagged = anyOf(
  [taggedGroup, destination],
  (caller, arn = '') => {
    const parsed = parseArn(arn);
    const here = parsed?.service === 'logs' && parsed.region === caller.region;
    const found = here ? destination.parse(parsed) : undefined;
    const kind = found ? destination : taggedGroup;
    const own = found ?? taggedGroup.locate(caller, arn);
    return { ...own, kind, own };
  },
  resourceNotFound,
);
