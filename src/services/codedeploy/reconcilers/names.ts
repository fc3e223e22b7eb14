/** The machine that takes a deployment on; its keys are deployment ids. */
export const DEPLOYMENT = 'codedeploy/deployment';
/** Finds out for a deployment whether its group's service role may be assumed; its keys are deployment ids. */
export const ROLE = 'codedeploy/role';
/** Looks at the alarms of a deployment; its keys are deployment ids. */
export const ALARMS = 'codedeploy/alarms';
/**
 * Takes an instance out of load balancers, or puts it into them; its keys are `trafficKey`s. As with SHIFT, they are of the
 * group: what a deployment that has ended still does, its rollback waits for.
 */
export const TRAFFIC = 'codedeploy/traffic';
/** Terminates the original instances of a blue/green deployment; its keys are deployment ids. */
export const TERMINATION = 'codedeploy/termination';
/** Publishes what a trigger owes its topic; its keys are ids of notices. */
export const TRIGGER = 'codedeploy/trigger';
/** Does what a group's deployment to Lambda or ECS asks for outside; its keys are ids of groups. */
export const SHIFT = 'codedeploy/shift';

/** Puts the lifecycle hooks of a group on its Auto Scaling groups, and takes them away; its keys are ids of groups. */
export const HOOKS = 'codedeploy/hooks';
/** Tells Auto Scaling what becomes of an instance that it holds for a deployment; its keys are tokens of lifecycle actions. */
export const HOLD = 'codedeploy/hold';
/**
 * Makes a copy of an Auto Scaling group for a blue/green deployment, and what else has to be done to either; its keys are ids of
 * groups, as those of TRAFFIC are of groups.
 */
export const FLEET = 'codedeploy/fleet';

/** Whom a group's service role must trust. */
export const SERVICE_PRINCIPAL = 'codedeploy.amazonaws.com';

/** What rings when a host may have a command. */
export function hostTopic(
  { accountId, region }: { accountId: string; region: string },
  instance: string,
): string {
  return `codedeploy/host/${accountId}/${region}/${instance}`;
}

/** An instance in deployments of a group. Neither ids of groups nor names of instances have a slash. */
export const trafficKey = (groupId: string, instance: string) => `${groupId}/${instance}`;

export function readTrafficKey(key: string): { groupId: string; instance: string } {
  const [groupId = '', instance = ''] = key.split('/');
  return { groupId, instance };
}
