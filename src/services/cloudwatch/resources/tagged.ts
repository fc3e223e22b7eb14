import { parseArn } from '../../../aws/arn.ts';
import { anyOf } from '../../../kit/any-of.ts';
import { invalidValue, resourceNotFound } from '../errors.ts';
import { alarm } from './alarm.ts';
import { dashboard } from './dashboard.ts';
import { muteRule } from './mute-rule.ts';

/** What the operations on tags name by its ARN: of the caller's account and region, all else is not found. */
export const tagged = anyOf(
  [alarm, dashboard, muteRule],
  ({ accountId, region }, text = '') => {
    const arn = parseArn(text);
    if (arn?.service !== 'cloudwatch') throw invalidValue(`The ARN ${text} is invalid.`);
    const here = arn.accountId === accountId && ['', region].includes(arn.region);
    for (const kind of here ? [alarm, dashboard, muteRule] : []) {
      const own = kind.parse(arn);
      if (own?.arn === text) return { ...own, kind, own };
    }
    return { accountId: arn.accountId, region, arn: text, kind: alarm, own: undefined };
  },
  ({ arn }) => {
    const [type = '', name = ''] = arn.split(':').slice(5).join(':').split(/[:/]/);
    return resourceNotFound(type, name);
  },
);
