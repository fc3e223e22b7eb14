import type { Sweeps } from '../../kit/manifest.ts';
import { activeDeploymentIds, activeGroupIds } from './store/deployments.ts';
import { holdTokensDue, unsettledGroupIds } from './store/hooks.ts';
import { notices } from './store/notices.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'codedeploy/deployment': ({ db }) => activeDeploymentIds(db),
  'codedeploy/alarms': ({ db }) => activeDeploymentIds(db),
  'codedeploy/shift': ({ db }) => activeGroupIds(db),
  'codedeploy/trigger': ({ db, clock }) => notices.listDue(db, clock.now().getTime()),
  'codedeploy/hooks': ({ db }) => unsettledGroupIds(db),
  'codedeploy/hold': ({ db }) => holdTokensDue(db),
  'codedeploy/fleet': ({ db }) => activeGroupIds(db),
} satisfies Sweeps;
