import { unsupported } from '../../../aws/errors.ts';
import { need } from '../../../kit/resource.ts';
import { notReady } from '../errors.ts';
import { settle } from '../reconcilers/environment.ts';
import { environmentKey } from '../reconcilers/names.ts';
import { environment } from '../resources/kinds.ts';
import { elasticbeanstalk } from './declare.ts';
import { onEnvironment } from './on-environment.ts';

function checkType(type: string | undefined): void {
  if (type !== 'tail') throw unsupported(`environment information of the type ${type}`);
}

export const requestEnvironmentInfo = elasticbeanstalk(
  'requestEnvironmentInfo',
  onEnvironment,
  async (ctx, { InfoType }, found) => {
    checkType(InfoType);
    await ctx.transaction(async (tx) => {
      const now = await need(tx, environment, environment.locate(ctx, { id: found.id }));
      if (!now.body.resources) throw notReady(now.name);
      await settle(ctx, tx, environmentKey(found), (draft) => draft.wantTail());
    });
    return {};
  },
);

export const retrieveEnvironmentInfo = elasticbeanstalk(
  'retrieveEnvironmentInfo',
  onEnvironment,
  async (_ctx, { InfoType }, { body: { tail } }) => {
    checkType(InfoType);
    return {
      EnvironmentInfo: Object.entries(tail?.urls ?? {}).map(([Ec2InstanceId, { url, at }]) => ({
        ...{
          InfoType: 'tail' as const,
          Ec2InstanceId,
          SampleTimestamp: new Date(at),
          Message: url,
        },
      })),
    };
  },
);
