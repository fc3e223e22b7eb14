import * as client from '@aws-sdk/client-auto-scaling';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { deliveryReconciler } from './reconcilers/deliver.ts';
import { groupReconciler } from './reconcilers/group.ts';
import { healthReconciler } from './reconcilers/health.ts';
import { instanceState } from './reconcilers/heard.ts';
import { memberReconciler } from './reconcilers/member.ts';
import { configuration } from './resources/configuration.ts';
import { group } from './resources/group.ts';

// Whatever user data says may be a secret.
const api = apiOf(client, { record: { secrets: ['CreateLaunchConfigurationType.UserData'] } });

export default defineService({
  name: 'autoscaling',
  apis: [{ api, operations }],
  resources: [group, configuration],
  migrations,
  reconcilers: [groupReconciler, memberReconciler, healthReconciler, deliveryReconciler],
  subscriptions: [instanceState],
});
