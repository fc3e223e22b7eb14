import type { EcsPlan, LambdaPlan, ShiftState } from './shift-state.ts';

// Deployments that shift traffic, for tests of the model.

export const LAMBDA_PLAN: LambdaPlan = {
  ...{ platform: 'Lambda', functionName: 'shop', alias: 'live', current: '1', target: '2' },
  hooks: {},
};

export const ECS_PLAN: EcsPlan = {
  ...{ platform: 'ECS', cluster: 'prod', service: 'shop', externalId: 'd-ABCDEFGHI' },
  ...{ taskDefinition: 'shop:2', containerName: 'web', containerPort: 80 },
  before: { taskDefinition: 'shop:1', containerName: 'web', containerPort: 80 },
  ...{ blue: { group: 'blue', taskSet: 'ecs-svc/1' }, green: { group: 'green' } },
  ...{ prodListener: 'prod', hooks: {} },
};

/** The state of one that has not begun. */
export const shift = (more: Partial<ShiftState> = {}): ShiftState => ({
  ...{ platform: 'Lambda', nonce: 'nonce', routing: { type: 'AllAtOnce' } },
  ...{ terminationMs: 0, at: 0, touched: false, weight: 0 },
  ...more,
});
