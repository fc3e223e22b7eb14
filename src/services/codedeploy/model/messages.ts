/** Error messages of deployments. Those that AWS has published are in its words. */

export const STOPPED = 'The deployment was stopped by a user.';
export const NO_APPLICATION = 'The application of this deployment does not exist any more.';
export const NO_GROUP = 'The deployment group of this deployment does not exist any more.';
export const NO_INSTANCES =
  'The deployment failed because no instances were found for your deployment group. Check your deployment group settings to make sure the tags for your Amazon EC2 instances or Auto Scaling groups correctly identify the instances you want to deploy to, and then try again.';
export const CONSTRAINTS =
  'The overall deployment failed because too many individual instances failed deployment, too few healthy instances are available for deployment, or some instances in your deployment group are experiencing problems.';
export const CONSTRAINTS_INVALID =
  'The deployment failed because the deployment configuration asks for at least as many healthy instances as the deployment group has. Use a configuration with a smaller number, or add instances to the group.';
export const AGENT = `${CONSTRAINTS} The CodeDeploy agent on the failed instances did not answer.`;
export const TIMED_OUT = 'The deployment did not complete within 12 hours.';

export const tooManyInstances = (limit: number) =>
  `The deployment group matches more than ${limit} instances, the most that one deployment can have.`;
export const roleMissing = (arn: string) => `The IAM role ${arn} does not exist.`;
export const roleDenied = (arn: string) =>
  `AWS CodeDeploy does not have the permissions required to assume the role ${arn}.`;

export const alarmsActive = (names: readonly string[]) =>
  `One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <${names.join(', ')}>`;

/** In AWS's words for what a role lacks, with what refused. */
export const noEc2Permission = (arn: string, reason: string) =>
  `The IAM role ${arn} does not give you permission to perform operations in the following AWS service: AmazonEC2. ${reason}`;
export const instanceGone = (id: string) =>
  `The instance ${id} was terminated while it was deployed to.`;

/** Ours, as AWS's words are not published. */
export const alarmsUnknown = (reason: string) =>
  `The deployment was stopped because the state of its alarms could not be retrieved from Amazon CloudWatch: ${reason}`;
