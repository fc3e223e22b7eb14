import type { EnvironmentDescription } from '@aws-sdk/client-elastic-beanstalk';
import type { ServiceContext } from '../../../kit/service.ts';
import { defined } from '../../../lib/defined.ts';
import { ownValue } from '../../../lib/own.ts';
import { COLORS, type Environment, environmentArn, type Setting } from '../model/environment.ts';
import { OPTIONS } from '../model/options.ts';
import { platformArn } from '../model/platform.ts';
import { isBalanced, settingOf } from '../model/settings.ts';
import type { Application, Lifecycle, Version } from '../store/applications.ts';

const TIER = { Name: 'WebServer', Type: 'Standard', Version: '1.0' };

/** Under which a name is reached: on the server's own port. */
export function shownCname(ctx: Pick<ServiceContext, 'serverEndpoint'>, cname: string): string {
  const { port } = new URL(ctx.serverEndpoint());
  return port === '' ? cname : `${cname}:${port}`;
}

export function shownEnvironment(ctx: ServiceContext, found: Environment): EnvironmentDescription {
  const { body, cname, status } = found;
  const { description, template, resources, operation, endpoint, operationsRole } = body;
  const updates = operation?.kind === 'deploy' || operation?.kind === 'configure';
  const endpointUrl = isBalanced(found) ? resources?.balancer?.dnsName : endpoint?.address;
  return {
    ...{ EnvironmentName: found.name, EnvironmentId: found.id, ApplicationName: found.application },
    // While it is deployed, it is the version that is to be: where that fails, the one before again.
    VersionLabel: operation?.command.release.label ?? body.release.label,
    ...{ SolutionStackName: body.stack, PlatformArn: platformArn(found) },
    ...(template !== undefined && { TemplateName: template }),
    ...(description !== undefined && { Description: description }),
    ...(endpointUrl !== undefined && { EndpointURL: endpointUrl }),
    ...(cname !== undefined && { CNAME: shownCname(ctx, cname) }),
    ...{ DateCreated: new Date(body.createdAt), DateUpdated: new Date(body.updatedAt) },
    ...{ Status: status, AbortableOperationInProgress: updates && !operation?.aborted },
    ...{ Health: COLORS[body.health.status], HealthStatus: body.health.status },
    ...{ Tier: TIER, EnvironmentLinks: [], EnvironmentArn: environmentArn(found, found) },
    ...(operationsRole !== undefined && { OperationsRole: operationsRole }),
  };
}

export const shownApplication = (
  { name, description, createdAt, updatedAt, accountId, region, lifecycle }: Application,
  versions: readonly string[],
  templates: readonly string[],
) => ({
  ApplicationArn: `arn:aws:elasticbeanstalk:${region}:${accountId}:application/${name}`,
  ...{ ApplicationName: name, DateCreated: createdAt, DateUpdated: updatedAt },
  ...(description !== undefined && { Description: description }),
  ...{ Versions: [...versions], ConfigurationTemplates: [...templates] },
  ResourceLifecycleConfig: shownLifecycle(lifecycle),
});

export const shownLifecycle = ({ serviceRole, rules }: Lifecycle = {}) => ({
  ...(serviceRole !== undefined && { ServiceRole: serviceRole }),
  VersionLifecycleConfig: {
    MaxCountRule: {
      ...{ Enabled: false, MaxCount: 200, DeleteSourceFromS3: false },
      ...rules?.MaxCountRule,
    },
    MaxAgeRule: {
      ...{ Enabled: false, MaxAgeInDays: 180, DeleteSourceFromS3: false },
      ...rules?.MaxAgeRule,
    },
  },
});

export const shownVersion = ({
  accountId,
  region,
  application,
  name,
  description,
  bundle,
  createdAt,
  updatedAt,
  status,
}: Version) => ({
  ApplicationVersionArn: `arn:aws:elasticbeanstalk:${region}:${accountId}:applicationversion/${application}/${name}`,
  ...{ ApplicationName: application, VersionLabel: name, Status: status },
  ...(description !== undefined && { Description: description }),
  ...{ DateCreated: createdAt, DateUpdated: updatedAt },
  SourceBundle: { S3Bucket: bundle.bucket, S3Key: bundle.key },
});

/** What AWS calls a resource that an option is of. */
const RESOURCES: Record<string, string> = {
  'aws:autoscaling:asg': 'AWSEBAutoScalingGroup',
  'aws:autoscaling:launchconfiguration': 'AWSEBAutoScalingLaunchConfiguration',
};

/** All settings that there are, with their defaults. */
export function shownSettings(settings: readonly Setting[]) {
  const listed = OPTIONS.map(({ namespace, name }) => ({
    ...{ namespace, name },
    value: settingOf({ settings }, namespace, name),
  }));
  const more = settings.filter(
    (one) =>
      !listed.some(({ namespace, name }) => namespace === one.namespace && name === one.name),
  );
  return [...listed, ...more].map(({ namespace, name, value }) => ({
    ...{ Namespace: namespace, OptionName: name },
    ...(value !== '' && { Value: value }),
    ...defined({ ResourceName: ownValue(RESOURCES, namespace) }),
  }));
}
