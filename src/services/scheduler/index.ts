import * as client from '@aws-sdk/client-scheduler';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { invoke, invokeAgain, invokeOutside } from './reconcilers/invoke.ts';
import { schedule as scheduleReconciler } from './reconcilers/schedule.ts';
import { group, schedule } from './resources/schedule.ts';

export default defineService({
  name: 'scheduler',
  apis: [{ api: apiOf(client), operations }],
  resources: [group, schedule],
  migrations,
  reconcilers: [scheduleReconciler, invoke, invokeOutside, invokeAgain],
});
