import { randomUUID } from 'node:crypto';
import type * as sdk from '@aws-sdk/client-auto-scaling';
import { runInput } from '../effects/instances.ts';
import {
  configurationExists,
  configurationInUse,
  invalid,
  limit,
  noConfiguration,
} from '../errors.ts';
import { MAX_CONFIGURATIONS } from '../limits.ts';
import type { Configuration } from '../model/configuration.ts';
import { atConfiguration, configurationArn } from '../resources/configuration.ts';
import {
  deleteConfiguration,
  findConfiguration,
  insertConfiguration,
  listConfigurations,
} from '../store/configurations.ts';
import { listGroups } from '../store/groups.ts';
import type { Owner } from '../store/tables.ts';
import { autoscaling, paged } from './declare.ts';
import { refuse, tryRun } from './group-input.ts';

const REFUSED = [
  ...['ClassicLinkVPCId', 'ClassicLinkVPCSecurityGroups', 'InstanceId', 'KernelId', 'RamdiskId'],
  ...['BlockDeviceMappings', 'SpotPrice', 'AssociatePublicIpAddress'],
];

export const createLaunchConfiguration = autoscaling(
  'createLaunchConfiguration',
  atConfiguration,
  async (ctx, { LaunchConfigurationName: name = '', ...input }) => {
    // The command line sends what is empty too.
    const said = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== ''));
    refuse(said, REFUSED);
    refuse(
      {
        PlacementTenancy: input.PlacementTenancy === 'default' ? undefined : input.PlacementTenancy,
      },
      ['PlacementTenancy'],
    );
    if (!input.ImageId || !input.InstanceType)
      throw invalid(
        'Valid requests must contain either the InstanceID parameter or both the ImageId and InstanceType parameters.',
      );
    const createdAt = ctx.clock.now().getTime();
    const made: Configuration = { id: randomUUID(), name, createdAt, input: said };
    await tryRun(ctx, 'configuration', name, runInput(made));
    await ctx.transaction(async (tx) => {
      const all = await listConfigurations(tx, ctx);
      if (all.some((one) => one.name === name)) throw configurationExists(name);
      if (all.length >= MAX_CONFIGURATIONS)
        throw limit('launch configurations', MAX_CONFIGURATIONS);
      await insertConfiguration(tx, ctx, made);
    });
    return {};
  },
);

const shape = (
  owner: Owner,
  { id, name, createdAt, input }: Configuration,
): sdk.LaunchConfiguration => ({
  LaunchConfigurationName: name,
  LaunchConfigurationARN: configurationArn(owner, id, name),
  ...{ ImageId: input.ImageId, InstanceType: input.InstanceType },
  ...{ KeyName: input.KeyName ?? '', SecurityGroups: input.SecurityGroups ?? [] },
  ...{ ClassicLinkVPCSecurityGroups: [], UserData: input.UserData ?? '' },
  ...{ KernelId: '', RamdiskId: '', BlockDeviceMappings: [] },
  InstanceMonitoring: { Enabled: input.InstanceMonitoring?.Enabled ?? true },
  ...(input.IamInstanceProfile && { IamInstanceProfile: input.IamInstanceProfile }),
  ...{ CreatedTime: new Date(createdAt), EbsOptimized: input.EbsOptimized ?? false },
  ...(input.PlacementTenancy && { PlacementTenancy: input.PlacementTenancy }),
  ...(input.MetadataOptions && { MetadataOptions: input.MetadataOptions }),
});

export const describeLaunchConfigurations = autoscaling(
  'describeLaunchConfigurations',
  {},
  async (ctx, input) => {
    const { LaunchConfigurationNames: names = [] } = input;
    const all = (await listConfigurations(ctx.db, ctx)).filter(
      ({ name }) => names.length === 0 || names.includes(name),
    );
    const { items, next } = paged(ctx, input, all, ({ name }) => name);
    return { LaunchConfigurations: items.map((one) => shape(ctx, one)), ...next };
  },
);

export const deleteLaunchConfiguration = autoscaling(
  'deleteLaunchConfiguration',
  atConfiguration,
  async (ctx, { LaunchConfigurationName: name = '' }) => {
    await ctx.transaction(async (tx) => {
      if (!(await findConfiguration(tx, ctx, name))) throw noConfiguration(name);
      const user = (await listGroups(tx, ctx)).find(({ body: { launch, refresh } }) =>
        [launch, refresh?.before].some((one) => one?.kind === 'configuration' && one.name === name),
      );
      if (user) throw configurationInUse(name, user.name);
      await deleteConfiguration(tx, ctx, name);
    });
    return {};
  },
);
