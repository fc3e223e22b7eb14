import { formatArn } from '../../../aws/arn.ts';
import type { RequestFacts } from '../../../aws/context.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { loadDeployment } from '../store/deployments.ts';

type Where = Pick<RequestFacts, 'partition' | 'region' | 'accountId'>;

const arn = (ctx: Where, resource: string) =>
  formatArn({
    partition: ctx.partition,
    service: 'codedeploy',
    region: ctx.region,
    accountId: ctx.accountId,
    resource,
  });

/** ARNs as IAM policies name them (CD-PLT-03). A missing name becomes nothing: the operation refuses it. */
export const applicationArn = (ctx: Where, name = '') => arn(ctx, `application:${name}`);
export const groupArn = (ctx: Where, application = '', group = '') =>
  arn(ctx, `deploymentgroup:${application}/${group}`);
export const configArn = (ctx: Where, name = '') => arn(ctx, `deploymentconfig:${name}`);
export const instanceArn = (ctx: Where, name = '') => arn(ctx, `instance/${name}`);

/** The permission of an operation on one application. */
export const onApplication = {
  resource: (ctx: ServiceContext, input: { applicationName?: string | undefined }) =>
    applicationArn(ctx, input.applicationName),
};

/** The permission of an operation on one deployment group. */
export const onGroup = {
  resource: (
    ctx: ServiceContext,
    input: { applicationName?: string | undefined; deploymentGroupName?: string | undefined },
  ) => groupArn(ctx, input.applicationName, input.deploymentGroupName),
};

/** What a refusal about a deployment names: not its group, which would tell that it exists. */
export const anyGroup = (ctx: ServiceContext): string => groupArn(ctx, '*', '*');

/** The permission of an operation on a deployment: AWS asks for its deployment group. */
export const onDeployment = {
  resource: async (ctx: ServiceContext, input: { deploymentId?: string | undefined }) => {
    const found = await loadDeployment(ctx.db, input.deploymentId ?? '');
    if (found?.accountId !== ctx.accountId) return groupArn(ctx, '*', '*');
    return groupArn(ctx, found.applicationName, found.groupName);
  },
  named: anyGroup,
};

/** The permission of an operation on one on-premises instance. */
export const onInstance = {
  resource: (ctx: ServiceContext, input: { instanceName?: string | undefined }) =>
    instanceArn(ctx, input.instanceName),
};

/** The permission of an operation on several on-premises instances. */
export const onInstances = {
  resource: (ctx: ServiceContext, input: { instanceNames?: string[] | undefined }) => {
    const names = input.instanceNames ?? [];
    return names.length > 0
      ? names.map((instance) => instanceArn(ctx, instance))
      : instanceArn(ctx, '*');
  },
};
