import { parseArn } from '../../../aws/arn.ts';
import { anyOf } from '../../../kit/any-of.ts';
import { invalidParameter } from '../errors.ts';
import { bus } from './bus.ts';
import { rule } from './rule.ts';

/** What the operations on tags name by its ARN. */
export const tagged = anyOf([rule, bus], (_caller, text = '') => {
  const arn = parseArn(text);
  for (const kind of [rule, bus]) {
    const own = arn?.service === 'events' ? kind.parse(arn) : undefined;
    if (own) return { ...own, kind, own };
  }
  throw invalidParameter('ResourceARN');
});
