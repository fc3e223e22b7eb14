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
export const timedOut = (hours: number) => `The deployment did not complete within ${hours} hours.`;
export const NOT_CONTINUED =
  'The deployment was stopped because the rerouting of traffic to the replacement instances was not started within the wait time of the deployment group.';
export const NO_BALANCER =
  'The deployment failed because no load balancer is specified for the deployment group. Blue/green deployments need one.';
export const NO_BLUE_GREEN_CONFIGURATION =
  'The deployment failed because the deployment group has no configuration for blue/green deployments.';
export const notRerouted = (id: string) =>
  `Deployment ${id} is not rolled back: it had not begun to reroute traffic, and the original instances serve as before.`;
export const unevenFleets = (blue: number, green: number) =>
  `The deployment failed because the replacement environment has ${green} instances and the original one ${blue}: they have to be as many, and running.`;
export const zonelessInstances = (names: readonly string[]) =>
  `The deployment failed because its configuration goes by availability zones, and these instances are in none: ${names.join(', ')}.`;
export const notTerminated = (reason: string) =>
  `The original instances could not be terminated: ${reason}`;
export const ZONAL_BLUE_GREEN =
  'The deployment failed because its configuration goes by availability zones, which blue/green deployments do not.';

export const noElbPermission = (arn: string, reason: string) =>
  `The IAM role ${arn} does not give you permission to perform operations in the following AWS service: AmazonElasticLoadBalancing. ${reason}`;
export const invalidBalancer = (label: string, reason: string) =>
  `The deployment failed because ${label} of the deployment group cannot be used: ${reason}`;

/** Of a load balancer's part of an instance's deployment. */
export const notHealthy = (group: string, reason: string) =>
  `The instance did not become healthy in ${group}: ${reason}`;

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
