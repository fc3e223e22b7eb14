import type { ActionTypeId } from './declaration.ts';

/** One configuration key of an action type. */
export interface ConfigurationKey {
  name: string;
  required: boolean;
  /** The value identifies the resource that the action works on. */
  key: boolean;
  description: string;
  type: 'String' | 'Boolean';
}

export interface ActionType {
  id: ActionTypeId;
  inputs: [min: number, max: number];
  outputs: [min: number, max: number];
  keys: ConfigurationKey[];
  /** How long an action may take before it fails. */
  timeoutMinutes: number;
}

const HOURS = 60;
const DAYS = 24 * HOURS;

const required = (name: string, description: string): ConfigurationKey => ({
  name,
  required: true,
  key: true,
  description,
  type: 'String',
});
const optional = (
  name: string,
  description: string,
  type: 'String' | 'Boolean' = 'String',
): ConfigurationKey => ({ name, required: false, key: false, description, type });

const aws = (category: ActionTypeId['category'], provider: string): ActionTypeId => ({
  category,
  owner: 'AWS',
  provider,
  version: '1',
});

const codeBuildKeys = [
  required('ProjectName', 'The build project to run.'),
  optional(
    'PrimarySource',
    'The input artifact that holds the buildspec; needed with several inputs.',
  ),
  optional('EnvironmentVariables', 'JSON array of {name, value, type}.'),
];

/** The action types that are built: what CreatePipeline accepts and ListActionTypes lists (CP-B). */
export const actionTypes: readonly ActionType[] = [
  {
    id: aws('Source', 'CodeCommit'),
    inputs: [0, 0],
    outputs: [1, 1],
    timeoutMinutes: 1 * HOURS,
    keys: [
      required('RepositoryName', 'The repository to watch.'),
      required('BranchName', 'The branch to watch.'),
      optional('PollForSourceChanges', 'Start when the branch moves (default true).', 'Boolean'),
      optional('OutputArtifactFormat', 'CODE_ZIP (default) or CODEBUILD_CLONE_REF.'),
    ],
  },
  {
    id: aws('Source', 'S3'),
    inputs: [0, 0],
    outputs: [1, 1],
    timeoutMinutes: 1 * HOURS,
    keys: [
      required('S3Bucket', 'The versioned bucket of the source object.'),
      required('S3ObjectKey', 'The key of the source object.'),
      optional('PollForSourceChanges', 'Start when the object changes (default true).', 'Boolean'),
      optional('AllowOverrideForS3ObjectKey', 'Permit S3_OBJECT_KEY source revisions.', 'Boolean'),
    ],
  },
  {
    id: aws('Build', 'CodeBuild'),
    inputs: [1, 5],
    outputs: [0, 5],
    timeoutMinutes: 8 * HOURS,
    keys: codeBuildKeys,
  },
  {
    id: aws('Test', 'CodeBuild'),
    inputs: [1, 5],
    outputs: [0, 5],
    timeoutMinutes: 8 * HOURS,
    keys: codeBuildKeys,
  },
  {
    id: aws('Deploy', 'S3'),
    inputs: [1, 1],
    outputs: [0, 0],
    timeoutMinutes: 90,
    keys: [
      required('BucketName', 'The bucket to deploy to.'),
      { ...required('Extract', 'Unzip the artifact before it is uploaded.'), type: 'Boolean' },
      optional('ObjectKey', 'The key, or with Extract the prefix, to deploy to.'),
      optional('KMSEncryptionKeyARN', 'The key that encrypts the deployed objects.'),
      optional('CannedACL', 'The canned ACL of the deployed objects.'),
      optional('CacheControl', 'The Cache-Control of the deployed objects.'),
    ],
  },
  {
    id: aws('Deploy', 'CodeDeploy'),
    inputs: [1, 1],
    outputs: [0, 0],
    timeoutMinutes: 5 * DAYS,
    keys: [
      required('ApplicationName', 'The CodeDeploy application.'),
      required('DeploymentGroupName', 'The deployment group.'),
    ],
  },
  {
    id: aws('Approval', 'Manual'),
    inputs: [0, 0],
    outputs: [0, 0],
    timeoutMinutes: 7 * DAYS,
    keys: [
      optional('NotificationArn', 'The SNS topic that is told.'),
      optional('ExternalEntityLink', 'What the approver should look at.'),
      optional('CustomData', 'What the approver should know.'),
    ],
  },
];

/** AWS has these too; Slipway has not built them, and says so. `category/owner/provider` (CP-B3..B28). */
const notBuilt = new Set([
  'Source/AWS/ECR',
  'Source/AWS/CodeStarSourceConnection',
  'Source/ThirdParty/GitHub',
  'Compute/AWS/Commands',
  'Build/AWS/ECRBuildAndPublish',
  'Test/AWS/DeviceFarm',
  'Deploy/AWS/CodeDeployToECS',
  'Deploy/AWS/ECS',
  'Deploy/AWS/CloudFormation',
  'Deploy/AWS/CloudFormationStackSet',
  'Deploy/AWS/CloudFormationStackInstances',
  'Deploy/AWS/EC2',
  'Deploy/AWS/EKS',
  'Deploy/AWS/ElasticBeanstalk',
  'Deploy/AWS/ServiceCatalog',
  'Deploy/AWS/AppConfig',
  'Deploy/AWS/OpsWorks',
  'Deploy/ThirdParty/AlexaSkillsKit',
  'Invoke/AWS/Lambda',
  'Invoke/AWS/StepFunctions',
  'Invoke/AWS/CodePipeline',
  'Invoke/AWS/InspectorScan',
  'Invoke/ThirdParty/Snyk',
]);

export function findActionType(id: ActionTypeId): ActionType | undefined {
  return actionTypes.find(
    (type) =>
      type.id.category === id.category &&
      type.id.owner === id.owner &&
      type.id.provider === id.provider &&
      type.id.version === id.version,
  );
}

/** True for an action type that AWS has and Slipway does not have yet. */
export function isKnownButNotBuilt(id: ActionTypeId): boolean {
  return notBuilt.has(`${id.category}/${id.owner}/${id.provider}`);
}

/** How long an action may run (CP-B, CP-A15). */
export function timeoutMinutes(id: ActionTypeId, own: number | undefined): number {
  return own ?? findActionType(id)?.timeoutMinutes ?? 1 * HOURS;
}
