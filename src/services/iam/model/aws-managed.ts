import { hash } from 'node:crypto';

/** One of AWS's own policies, as far as Slipway has services for it to speak of. */
export interface AwsManagedPolicy {
  arn: string;
  name: string;
  path: string;
  id: string;
  description: string;
  document: string;
}

type Allow =
  | string
  | { actions: string | string[]; resources?: string | string[]; condition?: object; not?: true };

function policy(name: string, description: string, allows: Allow[], path = '/'): AwsManagedPolicy {
  const Statement = allows.map((allow) => {
    const {
      actions,
      resources = '*',
      condition,
      not,
    } = typeof allow === 'string' ? { actions: allow } : { ...allow };
    return {
      Effect: 'Allow',
      [not ? 'NotAction' : 'Action']: actions,
      Resource: resources,
      ...(condition && { Condition: condition }),
    };
  });
  return {
    arn: `arn:aws:iam::aws:policy${path}${name}`,
    name,
    path,
    // AWS's ids look random; ours must only be unique and stay the same.
    id: `ANPA${hash('sha256', name, 'hex').toUpperCase().slice(0, 17)}`,
    description,
    document: JSON.stringify({ Version: '2012-10-17', Statement }),
  };
}

const passRole = (service: string): Allow => ({
  actions: 'iam:PassRole',
  condition: { StringEquals: { 'iam:PassedToService': service } },
});

const READ_CODECOMMIT = [
  'codecommit:BatchGet*',
  'codecommit:BatchDescribe*',
  'codecommit:Describe*',
  'codecommit:EvaluatePullRequestApprovalRules',
  'codecommit:Get*',
  'codecommit:List*',
  'codecommit:GitPull',
];

/** Actions of one service, from their names. */
function actions(service: string, list: string): string[] {
  return list.split(' ').map((name) => `${service}:${name}`);
}

/** Written from the published descriptions of these policies; statements on services that Slipway has not are left out. */
const POLICIES: AwsManagedPolicy[] = [
  policy('AdministratorAccess', 'Provides full access to AWS services and resources.', ['*']),
  policy(
    'IAMUserChangePassword',
    'Provides the ability for an IAM user to change their own password.',
    [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
      { actions: 'iam:ChangePassword', resources: 'arn:aws:iam::*:user/${aws:username}' },
      'iam:GetAccountPasswordPolicy',
    ],
  ),
  policy(
    'AWSElasticBeanstalkWebTier',
    'Provide the instances in your web server environment access to upload log files to Amazon S3.',
    [
      {
        actions: ['s3:Get*', 's3:List*', 's3:PutObject'],
        resources: ['arn:aws:s3:::elasticbeanstalk-*', 'arn:aws:s3:::elasticbeanstalk-*/*'],
      },
      {
        actions: actions(
          'logs',
          'PutLogEvents CreateLogStream DescribeLogStreams DescribeLogGroups',
        ),
        resources: 'arn:aws:logs:*:*:log-group:/aws/elasticbeanstalk*',
      },
      {
        actions: 'elasticbeanstalk:PutInstanceStatistics',
        resources: [
          'arn:aws:elasticbeanstalk:*:*:application/*',
          'arn:aws:elasticbeanstalk:*:*:environment/*',
        ],
      },
    ],
  ),
  policy(
    'AWSElasticBeanstalkReadOnly',
    'Grants read-only permissions. Explicitly allows operators to gain direct access to retrieve information about resources related to AWS Elastic Beanstalk applications.',
    [
      {
        actions: [
          'elasticbeanstalk:Check*',
          'elasticbeanstalk:Describe*',
          'elasticbeanstalk:List*',
          'elasticbeanstalk:RequestEnvironmentInfo',
          'elasticbeanstalk:RetrieveEnvironmentInfo',
        ],
      },
    ],
  ),
  policy(
    'PowerUserAccess',
    'Provides full access to AWS services and resources, but does not allow management of Users and groups.',
    [
      { actions: ['iam:*', 'organizations:*', 'account:*'], not: true },
      {
        actions: [
          'iam:CreateServiceLinkedRole',
          'iam:DeleteServiceLinkedRole',
          'iam:ListRoles',
          'organizations:DescribeOrganization',
          'account:ListRegions',
        ],
      },
    ],
  ),
  policy('IAMFullAccess', 'Provides full access to IAM via the AWS Management Console.', ['iam:*']),
  policy('IAMReadOnlyAccess', 'Provides read only access to IAM via the AWS Management Console.', [
    {
      actions: [
        'iam:GenerateCredentialReport',
        'iam:GenerateServiceLastAccessedDetails',
        'iam:Get*',
        'iam:List*',
        'iam:SimulateCustomPolicy',
        'iam:SimulatePrincipalPolicy',
      ],
    },
  ]),
  policy(
    'AmazonS3FullAccess',
    'Provides full access to all buckets via the AWS Management Console.',
    ['s3:*'],
  ),
  policy(
    'AmazonS3ReadOnlyAccess',
    'Provides read only access to all buckets via the AWS Management Console.',
    [{ actions: ['s3:Get*', 's3:List*', 's3:Describe*'] }],
  ),
  policy(
    'AWSCodeCommitFullAccess',
    'Provides full access to AWS CodeCommit via the AWS Management Console.',
    ['codecommit:*'],
  ),
  policy(
    'AWSCodeCommitPowerUser',
    'Provides full access to AWS CodeCommit repositories, but does not allow repository deletion.',
    [
      {
        actions: [
          ...READ_CODECOMMIT,
          ...actions(
            'codecommit',
            'Create* DeleteBranch DeleteFile Merge* Put* Post* Test* Update* GitPush',
          ),
          ...actions('codecommit', 'TagResource UntagResource OverridePullRequestApprovalRules'),
          ...actions('codecommit', 'AssociateApprovalRuleTemplateWithRepository'),
          ...actions('codecommit', 'DisassociateApprovalRuleTemplateFromRepository'),
          ...actions('codecommit', 'BatchAssociateApprovalRuleTemplateWithRepositories'),
          ...actions('codecommit', 'BatchDisassociateApprovalRuleTemplateFromRepositories'),
        ],
      },
    ],
  ),
  policy(
    'AWSCodeCommitReadOnly',
    'Provides read only access to AWS CodeCommit via the AWS Management Console.',
    [{ actions: READ_CODECOMMIT }],
  ),
  policy(
    'AWSCodeBuildAdminAccess',
    'Provides full access to AWS CodeBuild via the AWS Management Console.',
    [
      {
        actions: [
          'codebuild:*',
          'codecommit:GetBranch',
          'codecommit:GetCommit',
          'codecommit:GetRepository',
          'codecommit:ListBranches',
          'codecommit:ListRepositories',
          's3:GetBucketLocation',
          's3:ListAllMyBuckets',
          'logs:GetLogEvents',
        ],
      },
    ],
  ),
  policy('AWSCodeDeployFullAccess', 'Provides full access to CodeDeploy resources.', [
    'codedeploy:*',
  ]),
  policy('AWSCodeDeployReadOnlyAccess', 'Provides read only access to CodeDeploy resources.', [
    { actions: ['codedeploy:Batch*', 'codedeploy:Get*', 'codedeploy:List*'] },
  ]),
  policy(
    'AWSCodeDeployRole',
    'Provides CodeDeploy service access to expand tags and interact with Auto Scaling on your behalf.',
    [
      {
        actions: [
          ...actions(
            'autoscaling',
            'CompleteLifecycleAction DeleteLifecycleHook DescribeAutoScalingGroups',
          ),
          ...actions(
            'autoscaling',
            'DescribeLifecycleHooks PutLifecycleHook RecordLifecycleActionHeartbeat',
          ),
          ...actions(
            'autoscaling',
            'CreateAutoScalingGroup CreateOrUpdateTags UpdateAutoScalingGroup',
          ),
          ...actions(
            'autoscaling',
            'EnableMetricsCollection DescribePolicies DescribeScheduledActions',
          ),
          ...actions(
            'autoscaling',
            'DescribeNotificationConfigurations SuspendProcesses ResumeProcesses',
          ),
          ...actions(
            'autoscaling',
            'AttachLoadBalancers AttachLoadBalancerTargetGroups PutScalingPolicy',
          ),
          ...actions(
            'autoscaling',
            'PutScheduledUpdateGroupAction PutNotificationConfiguration PutWarmPool',
          ),
          ...actions('autoscaling', 'DescribeScalingActivities DeleteAutoScalingGroup'),
          ...actions('ec2', 'DescribeInstances DescribeInstanceStatus TerminateInstances'),
          ...[
            'tag:GetResources',
            'sns:Publish',
            'cloudwatch:DescribeAlarms',
            'cloudwatch:PutMetricAlarm',
          ],
          ...actions('elasticloadbalancing', 'DescribeLoadBalancers DescribeInstanceHealth'),
          ...actions(
            'elasticloadbalancing',
            'RegisterInstancesWithLoadBalancer DeregisterInstancesFromLoadBalancer',
          ),
          ...actions('elasticloadbalancing', 'DescribeTargetGroups DescribeTargetGroupAttributes'),
          ...actions(
            'elasticloadbalancing',
            'DescribeTargetHealth RegisterTargets DeregisterTargets',
          ),
        ],
      },
    ],
    '/service-role/',
  ),
  policy(
    'AmazonEC2RoleforAWSCodeDeploy',
    'Provides EC2 access to S3 bucket to download revision.',
    [{ actions: ['s3:GetObject', 's3:GetObjectVersion', 's3:ListBucket'] }],
    '/service-role/',
  ),
  policy('AWSCodePipeline_FullAccess', 'Provides full access to AWS CodePipeline.', [
    {
      actions: [
        'codepipeline:*',
        's3:GetObject',
        's3:ListAllMyBuckets',
        's3:ListBucket',
        's3:GetBucketPolicy',
        'codecommit:ListBranches',
        'codecommit:GetReferences',
        'codecommit:ListRepositories',
        'codebuild:BatchGetProjects',
        'codebuild:CreateProject',
        'codebuild:ListProjects',
        'codedeploy:GetApplication',
        'codedeploy:GetDeploymentGroup',
        'codedeploy:ListApplications',
        'codedeploy:ListDeploymentGroups',
        'iam:ListRoles',
        'iam:GetRole',
      ],
    },
    {
      actions: ['s3:GetObject', 's3:CreateBucket', 's3:PutBucketPolicy'],
      resources: 'arn:aws:s3::*:codepipeline-*',
    },
    passRole('codepipeline.amazonaws.com'),
  ]),
  policy('AWSCodePipeline_ReadOnlyAccess', 'Provides read only access to AWS CodePipeline.', [
    {
      actions: [
        'codepipeline:GetPipeline',
        'codepipeline:GetPipelineState',
        'codepipeline:GetPipelineExecution',
        'codepipeline:ListPipelineExecutions',
        'codepipeline:ListActionExecutions',
        'codepipeline:ListActionTypes',
        'codepipeline:ListPipelines',
        'codepipeline:ListTagsForResource',
        's3:ListAllMyBuckets',
        'codecommit:ListRepositories',
        'codedeploy:ListApplications',
      ],
    },
  ]),
  policy(
    'AWSCodePipelineApproverAccess',
    'Provides access to view and approve manual changes for all pipelines.',
    [
      {
        actions: [
          'codepipeline:GetPipeline',
          'codepipeline:GetPipelineState',
          'codepipeline:GetPipelineExecution',
          'codepipeline:ListPipelineExecutions',
          'codepipeline:ListPipelines',
          'codepipeline:PutApprovalResult',
        ],
      },
    ],
  ),
  policy('CloudWatchLogsFullAccess', 'Provides full access to CloudWatch Logs.', ['logs:*']),
  policy('CloudWatchLogsReadOnlyAccess', 'Provides read only access to CloudWatch Logs.', [
    {
      actions: [
        'logs:Describe*',
        'logs:Get*',
        'logs:List*',
        'logs:StartQuery',
        'logs:StopQuery',
        'logs:TestMetricFilter',
        'logs:FilterLogEvents',
        'logs:StartLiveTail',
        'logs:StopLiveTail',
      ],
    },
  ]),
  policy(
    'SecretsManagerReadWrite',
    'Provides read/write access to AWS Secrets Manager via the AWS Management Console.',
    ['secretsmanager:*'],
  ),
  policy('AmazonSSMFullAccess', 'Provides full access to Amazon SSM.', ['ssm:*']),
  policy('AmazonSSMReadOnlyAccess', 'Provides read only access to Amazon SSM.', [
    { actions: ['ssm:Describe*', 'ssm:Get*', 'ssm:List*'] },
  ]),
];

const BY_ARN = new Map(POLICIES.map((item) => [item.arn, item]));

export function awsManagedPolicies(): readonly AwsManagedPolicy[] {
  return POLICIES;
}

export function awsManagedPolicy(arn: string): AwsManagedPolicy | undefined {
  return BY_ARN.get(arn);
}

export function awsManagedDocument(arn: string): string | undefined {
  return BY_ARN.get(arn)?.document;
}
