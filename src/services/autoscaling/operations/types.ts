import { MAX_CONFIGURATIONS, MAX_GROUPS } from '../limits.ts';
import { TERMINATION_POLICIES } from '../model/choose.ts';
import { listConfigurations } from '../store/configurations.ts';
import { listGroups } from '../store/groups.ts';
import { autoscaling } from './declare.ts';

export const describeAccountLimits = autoscaling('describeAccountLimits', {}, async (ctx) => ({
  ...{ MaxNumberOfAutoScalingGroups: MAX_GROUPS },
  MaxNumberOfLaunchConfigurations: MAX_CONFIGURATIONS,
  NumberOfAutoScalingGroups: (await listGroups(ctx.db, ctx)).length,
  NumberOfLaunchConfigurations: (await listConfigurations(ctx.db, ctx)).length,
}));

export const ADJUSTMENT_TYPES = ['ChangeInCapacity', 'ExactCapacity', 'PercentChangeInCapacity'];

export const describeAdjustmentTypes = autoscaling('describeAdjustmentTypes', {}, async () => ({
  AdjustmentTypes: ADJUSTMENT_TYPES.map((AdjustmentType) => ({ AdjustmentType })),
}));

export const describeTerminationPolicyTypes = autoscaling(
  'describeTerminationPolicyTypes',
  {},
  async () => ({ TerminationPolicyTypes: TERMINATION_POLICIES }),
);
