import * as client from '@aws-sdk/client-codedeploy';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { commandsApi, secureCommandsApi } from './commands/api.ts';
import * as commands from './commands/operations.ts';
import { quotas } from './limits.ts';
import { deploymentMetrics } from './metrics/deployments.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { provides } from './provides.ts';
import { alarmChanged, alarmsReconciler } from './reconcilers/alarms.ts';
import { deploymentReconciler } from './reconcilers/deployment.ts';
import { instanceGone } from './reconcilers/ec2.ts';
import { fleetReconciler } from './reconcilers/fleet.ts';
import { roleReconciler } from './reconcilers/role.ts';
import { shiftReconciler } from './reconcilers/shift.ts';
import { terminationReconciler } from './reconcilers/termination.ts';
import { trafficReconciler } from './reconcilers/traffic.ts';
import { triggerReconciler } from './reconcilers/triggers.ts';
import { application } from './resources/application.ts';
import { deploymentGroup } from './resources/deployment-group.ts';
import { holdReconciler, instanceHeld } from './scaling/held.ts';
import { hooksReconciler } from './scaling/hooks.ts';

// `ApplicationNameRequiredException`, `InvalidApplicationNameException` … (reference codedeploy.md)
const api = apiOf(client, { validation: 'self' });

export default defineService({
  name: 'codedeploy',
  apis: [
    { api, operations },
    { api: commandsApi, operations: commands.operations },
    { api: secureCommandsApi, operations: commands.secureOperations },
  ],
  resources: [application, deploymentGroup],
  migrations,
  reconcilers: [
    ...[deploymentReconciler, roleReconciler, alarmsReconciler, triggerReconciler],
    ...[shiftReconciler, trafficReconciler, terminationReconciler],
    ...[fleetReconciler, hooksReconciler, holdReconciler],
  ],
  subscriptions: [deploymentMetrics, alarmChanged, instanceGone, instanceHeld],
  quotas,
  provides,
});
