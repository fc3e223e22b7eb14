import { parseArn } from '../../../aws/arn.ts';
import { anyOf } from '../../../kit/any-of.ts';
import { at, on } from '../../../kit/resource.ts';
import { notFound } from '../errors.ts';
import { connection, host, link } from './connection.ts';

/** A connection, host or repository link, as the operations on tags name it. */
export const tagged = anyOf(
  [connection, host, link],
  ({ accountId, region }, text = '') => {
    const arn = parseArn(text);
    for (const kind of [connection, host, link]) {
      const own = arn && kind.parse(arn);
      if (own) return { ...own, kind, own };
    }
    return { accountId, region, arn: text, kind: connection, own: undefined };
  },
  ({ arn }) => notFound(`Resource ${arn} not found`),
);

const arnIn = (input: { ResourceArn?: string | undefined }) => input.ResourceArn;
export const onTagged = on(tagged, arnIn);
export const atTagged = at(tagged, arnIn);
