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
export const NOT_PREPARED =
  'The deployment did not start: its service role, instances or alarms could not be asked for within an hour.';
export const NO_BALANCER =
  'The deployment failed because no load balancer is specified for the deployment group. Blue/green deployments need one.';
export const NO_BLUE_GREEN_CONFIGURATION =
  'The deployment failed because the deployment group has no configuration for blue/green deployments.';
export const notRerouted = (id: string) =>
  `Deployment ${id} is not rolled back: it had not begun to reroute traffic, and the original instances serve as before.`;
export const unevenFleets = (blue: number, green: number) =>
  `The deployment failed because the replacement environment has ${green} instances and the original one ${blue}: they have to be as many, and running.`;
export const originalsNotRunning = (names: readonly string[]) =>
  `The deployment failed before it changed anything, because traffic would go back to instances that do not run: ${names.join(', ')}.`;
export const zonelessInstances = (names: readonly string[]) =>
  `The deployment failed because its configuration goes by availability zones, and these instances are in none: ${names.join(', ')}.`;
export const notTerminated = (reason: string) =>
  `The original instances could not be terminated: ${reason}`;
export const ZONAL_BLUE_GREEN =
  'The deployment failed because its configuration goes by availability zones, which blue/green deployments do not.';

export const fleetLate = (name: string) =>
  `What had to be done to the Auto Scaling group ${name} could not be done within an hour. Its scaling activities say why.`;
export const noScalingPermission = (arn: string, reason: string) =>
  noPermission(arn, 'AmazonAutoScaling', reason);
export const badScalingGroup = (name: string, reason: string) =>
  `The deployment failed because the Auto Scaling group ${name} of the deployment group cannot be used: ${reason}`;

export const noElbPermission = (arn: string, reason: string) =>
  noPermission(arn, 'AmazonElasticLoadBalancing', reason);
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
  noPermission(arn, 'AmazonEC2', reason);
export const instanceGone = (id: string) =>
  `The instance ${id} was terminated while it was deployed to.`;

/** Ours, as AWS's words are not published. */
export const alarmsUnknown = (reason: string) =>
  `The deployment was stopped because the state of its alarms could not be retrieved from Amazon CloudWatch: ${reason}`;

/** AWS's words for it. */
export const TASK_SET_LATE =
  'The deployment timed out while waiting for the replacement task set to become healthy. This time out period is 60 minutes.';
export const NOT_CONTINUED =
  'The deployment was stopped because nobody has continued it within the time that its deployment group gives.';
export const callLate = (call: string) =>
  `The deployment failed because what it needs could not be reached for an hour: ${call}.`;
export const hookFailed = (event: string) =>
  `The deployment failed because the validation function of the lifecycle event ${event} said Failed.`;
export const hookLate = (event: string) =>
  `The deployment failed because the validation function of the lifecycle event ${event} did not call PutLifecycleEventHookExecutionStatus within an hour.`;
/** Of a rollback that is due and cannot be. */
export const originalGone = (deploymentId: string) =>
  `Deployment ${deploymentId} is not rolled back: it had begun to remove what served before it, which may be gone.`;
export const groupGone = (deploymentId: string) =>
  `Deployment ${deploymentId} is not rolled back: its deployment group or application has been deleted. What it has changed stays as it is.`;
export const nothingChanged = (deploymentId: string) =>
  `Deployment ${deploymentId} is not rolled back: it has changed nothing.`;

/** In AWS's words, with the reason and its place. */
export const badAppSpec = (reason: string) =>
  `The deployment failed because the AppSpec file that specifies the deployment configuration is missing or has an invalid configuration. ${reason}`;
export const noPermission = (arn: string, service: string, reason: string) =>
  `The IAM role ${arn} does not give you permission to perform operations in the following AWS service: ${service}. ${reason}`;

export const otherAccountsRole = (arn: string, passed: string) =>
  noPermission(arn, 'AmazonECS', `Cross-account pass role is not allowed: ${passed.slice(0, 256)}`);

export const NO_APPSPEC = 'An AppSpec file is required, but could not be found in the revision';
export const otherETag = (wanted = '', found = '') =>
  `Expected deployment artifact bundle etag ${wanted} but was actually ${found}`;
export const otherVersion = (alias: string, found: string, wanted: string) =>
  `The deployment failed because the alias ${alias} leads to the version ${found.slice(0, 64)}, and not to ${wanted}, which the AppSpec has as CurrentVersion.`;
export const noService = (cluster: string, service: string) =>
  `The deployment failed because there is no active Amazon ECS service ${service} in the cluster ${cluster}.`;
export const otherController = (service: string) =>
  `The deployment failed because the deployment controller of the Amazon ECS service ${service} is not CODE_DEPLOY.`;
export const noPrimary = (service: string) =>
  `The deployment failed because the Amazon ECS service ${service} has no primary task set.`;
export const otherGroups = (service: string, names: readonly string[]) =>
  `The deployment failed because the primary task set of the Amazon ECS service ${service} is behind none of the target groups ${names.join(', ')}.`;
export const noTargetGroup = (name: string) =>
  `The deployment failed because there is no target group ${name}.`;
export const noRule = (listener: string) =>
  `The deployment failed because no rule of the listener ${listener} leads to the target groups of the deployment group alone.`;
export const NETWORK_ALL_AT_ONCE =
  'The deployment failed because traffic of a Network Load Balancer can only be shifted all at once: use CodeDeployDefault.ECSAllAtOnce.';
export const NO_TASK_SET =
  'The deployment failed because Amazon ECS has not told which task set it has made.';
export const taskSetGone = (side: 'blue' | 'green') =>
  `The deployment failed because the ${side === 'blue' ? 'original' : 'replacement'} task set does not exist any more.`;
export const PRIMARY_STAYS =
  'The deployment failed because the task set that was to be removed is the primary one of its service.';
