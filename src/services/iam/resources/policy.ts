import { formatArn } from '../../../aws/arn.ts';
import { at, defineResource, type Located } from '../../../kit/resource.ts';
import { tagsOf } from '../../../kit/tags.ts';
import { noSuchPolicy } from '../errors.ts';
import { findPolicy, type ManagedPolicy } from '../store/policies.ts';

/** A managed policy of an account. */
export const policy = defineResource<string | undefined, Located, ManagedPolicy>({
  type: 'AWS::IAM::ManagedPolicy',
  // Policies of other accounts are told as absent.
  locate: ({ accountId, region }, arn = '') => ({ accountId, region, arn }),
  parse: ({ accountId, region, ...arn }) =>
    arn.resource.startsWith('policy/')
      ? { accountId, region, arn: formatArn({ accountId, region, ...arn }) }
      : undefined,
  find: (db, { arn }) => findPolicy(db, arn),
  notFound: ({ arn }) => noSuchPolicy(arn),
  tags: { of: ({ data }) => tagsOf(data.tags) },
});

export const atPolicy = at(
  policy,
  ({ PolicyArn }: { PolicyArn?: string | undefined }) => PolicyArn,
);
