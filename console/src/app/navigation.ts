import { findPage } from './find-page.ts';

/**
 * All that the console is meant to show, by part. A link shows only once a page is registered for it (pages/index.ts), so
 * that nobody has to come here to add one.
 */

interface NavLink {
  text: string;
  service: string;
  fragment: string;
}

interface NavPart {
  text: string;
  links: NavLink[];
}

const link = (text: string, service: string, fragment: string): NavLink => ({
  ...{ text, service, fragment },
});

const meant: readonly NavPart[] = [
  {
    text: 'Pipelines',
    links: [
      link('Pipelines', 'codepipeline', '/pipelines'),
      link('Create pipeline', 'codepipeline', '/create'),
    ],
  },
  {
    text: 'Builds',
    links: [
      link('Build projects', 'codebuild', '/projects'),
      link('Build history', 'codebuild', '/builds'),
      link('Report groups', 'codebuild', '/reportGroups'),
      link('Compute fleets', 'codebuild', '/fleets'),
    ],
  },
  {
    text: 'Deployments',
    links: [
      link('Applications', 'codedeploy', '/applications'),
      link('Deployments', 'codedeploy', '/deployments'),
      link('Deployment configurations', 'codedeploy', '/deployment-configs'),
      link('On-premises instances', 'codedeploy', '/on-premises-instances'),
      link('Instances', 'ec2', '/instances'),
      link('Load balancers', 'ec2', '/loadBalancers'),
    ],
  },
  {
    text: 'Repositories',
    links: [
      link('Repositories', 'codecommit', '/repositories'),
      link('Pull requests', 'codecommit', '/pull-requests'),
      link('Approval rule templates', 'codecommit', '/approval-rule-templates'),
      link('Connections', 'codesuite', '/settings/connections'),
    ],
  },
  {
    text: 'Access',
    links: [
      link('Users', 'iam', '/users'),
      link('Groups', 'iam', '/groups'),
      link('Roles', 'iam', '/roles'),
      link('Policies', 'iam', '/policies'),
      link('Simulator', 'iam', '/simulator'),
      link('Why denied', 'iam', '/denied'),
      link('My security credentials', 'iam', '/security_credentials'),
    ],
  },
  {
    text: 'Observe',
    links: [
      link('Log groups', 'cloudwatch', 'logsV2:log-groups'),
      link('Live tail', 'cloudwatch', 'logsV2:live-tail'),
      link('Logs Insights', 'cloudwatch', 'logsV2:logs-insights'),
      link('Metrics', 'cloudwatch', 'metricsV2'),
      link('Alarms', 'cloudwatch', 'alarmsV2'),
      link('Dashboards', 'cloudwatch', 'dashboards'),
      link('Event rules', 'events', '/rules'),
      link('Schedules', 'scheduler', '/schedules'),
      link('Notification rules', 'codesuite', '/settings/notifications'),
      link('Topics', 'sns', '/topics'),
      link('Queues', 'sqs', '/queues'),
      link('Audit trail', 'cloudtrail', '/events'),
    ],
  },
  {
    text: 'Settings',
    links: [
      link('Parameters', 'systems-manager', '/parameters'),
      link('Secrets', 'secretsmanager', '/listSecrets'),
      link('Buckets', 's3', '/buckets'),
      link('Keys', 'kms', '/kms/keys'),
      link('Container repositories', 'ecr', '/repositories'),
      link('Quotas', 'servicequotas', '/services'),
      link('Accounts', 'slipway', '/accounts'),
      link('Cost estimate', 'slipway', '/cost'),
      link('Engine', 'slipway', '/engine'),
    ],
  },
];

/** The side navigation: links to what there is. */
export const navigation: readonly NavPart[] = meant
  .map(({ text, links }) => ({
    text,
    links: links.filter(({ service, fragment }) => findPage(service, fragment)),
  }))
  .filter(({ links }) => links.length > 0);
