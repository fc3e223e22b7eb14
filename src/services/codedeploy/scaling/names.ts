import type { HookKind } from '../store/hooks.ts';

/** Seconds that a hook holds an instance, after its beginning and after each sign of life. */
export const HEARTBEAT_SECONDS = 600;
/** Twice in that time a sign of life is given (CD-ASG-01). */
export const SIGN_OF_LIFE_MS = 5 * 60_000;
/** What is refused is said again so often: several times before the hook lets its instance go by itself. */
export const HELD_AGAIN_MS = 60_000;

/** As AWS calls them; names of hooks may have fewer characters than those of deployment groups. */
export const hookName = (kind: HookKind, groupName: string, id: string): string =>
  `CodeDeploy-managed-automatic-${kind}-deployment-hook-${groupName.replace(/[^A-Za-z0-9_-]/g, '-')}-${id}`;

/** Hooks that are CodeDeploy's, of whichever group. */
export const isOurs = (hook: string): boolean => hook.startsWith('CodeDeploy-managed-automatic-');

export const TRANSITIONS = {
  launch: 'autoscaling:EC2_INSTANCE_LAUNCHING',
  termination: 'autoscaling:EC2_INSTANCE_TERMINATING',
} as const;
