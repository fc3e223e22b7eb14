/** A pipeline's definition as text. Pure. */

/** What it says, or what is wrong with it; times are as the SDK wants them. */
export function parsed(text: string): { value?: object; problem?: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { problem: 'A definition is an object: { "name": …, "stages": … }.' };
    // As `get-pipeline` writes it, the definition is a member.
    const { pipeline } = value as { pipeline?: object };
    return { value: pipeline ?? value };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

/** Proposed while one types. */
export const words = [
  ...['name', 'roleArn', 'artifactStore', 'artifactStores', 'stages', 'version', 'pipelineType'],
  ...[
    'executionMode',
    'variables',
    'defaultValue',
    'description',
    'triggers',
    'actions',
    'runOrder',
  ],
  ...['actionTypeId', 'category', 'owner', 'provider', 'configuration', 'inputArtifacts'],
  ...['outputArtifacts', 'namespace', 'region', 'timeoutInMinutes', 'environmentVariables'],
  ...[
    'commands',
    'outputVariables',
    'onFailure',
    'onSuccess',
    'beforeEntry',
    'conditions',
    'rules',
  ],
  ...[
    'QUEUED',
    'SUPERSEDED',
    'PARALLEL',
    'Source',
    'Build',
    'Test',
    'Deploy',
    'Approval',
    'Invoke',
  ],
  ...['Compute', 'CodeCommit', 'CodeBuild', 'CodeDeploy', 'CodeStarSourceConnection', 'Manual'],
  ...['Commands', 'CloudFormation', 'ECS', 'Lambda', 'BranchName', 'RepositoryName', 'ProjectName'],
  ...['PollForSourceChanges', 'ApplicationName', 'DeploymentGroupName', 'BucketName', 'Extract'],
  ...['CustomData', 'ExternalEntityLink', 'NotificationArn'],
];
