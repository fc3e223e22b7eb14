/** The machine that takes a deployment on; its keys are deployment ids. */
export const DEPLOYMENT = 'codedeploy/deployment';
/** Finds out for a deployment whether its group's service role may be assumed; its keys are deployment ids. */
export const ROLE = 'codedeploy/role';
/** Looks at the alarms of a deployment; its keys are deployment ids. */
export const ALARMS = 'codedeploy/alarms';
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
