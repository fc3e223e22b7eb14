/** The machine that takes a deployment on; its keys are deployment ids. */
export const DEPLOYMENT = 'codedeploy/deployment';
/** Finds out for a deployment whether its group's service role may be assumed; its keys are deployment ids. */
export const ROLE = 'codedeploy/role';
/** Looks at the alarms of a deployment; its keys are deployment ids. */
export const ALARMS = 'codedeploy/alarms';
/** Takes an instance out of load balancers, or puts it into them; its keys are `trafficKey`s. */
export const TRAFFIC = 'codedeploy/traffic';
/** Terminates the original instances of a blue/green deployment; its keys are deployment ids. */
export const TERMINATION = 'codedeploy/termination';
/** Publishes what a trigger owes its topic; its keys are ids of notices. */
export const TRIGGER = 'codedeploy/trigger';
/** Does what a deployment to Lambda or ECS asks for outside; its keys are deployment ids. */
export const SHIFT = 'codedeploy/shift';

/** Whom a group's service role must trust. */
export const SERVICE_PRINCIPAL = 'codedeploy.amazonaws.com';

/** What rings when a host may have a command. */
export function hostTopic(
  { accountId, region }: { accountId: string; region: string },
  instance: string,
): string {
  return `codedeploy/host/${accountId}/${region}/${instance}`;
}

/** An instance in a deployment. Neither ids of deployments nor names of instances have a slash. */
export const trafficKey = (deploymentId: string, instance: string) => `${deploymentId}/${instance}`;

export function readTrafficKey(key: string): { deploymentId: string; instance: string } {
  const [deploymentId = '', instance = ''] = key.split('/');
  return { deploymentId, instance };
}
