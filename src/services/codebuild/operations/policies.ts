import { at, on } from '../../../kit/resource.ts';
import { invalidInput, reportNotFound } from '../errors.ts';
import { shared } from '../resources/shared.ts';
import { setPolicy } from '../store/policies.ts';
import { codebuild } from './declare.ts';

const arnIn = ({ resourceArn }: { resourceArn: string | undefined }) => resourceArn;

export const putResourcePolicy = codebuild(
  'putResourcePolicy',
  at(shared, arnIn),
  async (ctx, { policy = '', resourceArn }, located) => {
    const fault = ctx.authorizer.faultOf(policy, 'resource');
    if (fault !== undefined) throw invalidInput(`Invalid policy: ${fault}`);
    if (!(await ctx.transaction((tx) => setPolicy(tx, located, policy))))
      throw reportNotFound(located.arn);
    return { resourceArn };
  },
);

export const getResourcePolicy = codebuild(
  'getResourcePolicy',
  on(shared, arnIn),
  async (_ctx, { resourceArn = '' }, { policy }) => {
    if (policy === undefined) throw reportNotFound(resourceArn);
    return { policy };
  },
);

/** Deleting what is not there succeeds. */
export const deleteResourcePolicy = codebuild(
  'deleteResourcePolicy',
  at(shared, arnIn),
  async (ctx, _input, located) => {
    await ctx.transaction((tx) => setPolicy(tx, located, undefined));
    return {};
  },
);
