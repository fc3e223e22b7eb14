import type { Sweeps } from '../../kit/manifest.ts';
import { activeDeploymentIds } from './store/deployments.ts';

/** Keys of reconcilers whose wake-up may have been missed. */
export const sweeps = {
  'codedeploy/deployment': ({ db }) => activeDeploymentIds(db),
} satisfies Sweeps;
