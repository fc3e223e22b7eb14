/** A pipeline's definition as text. Pure. */

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * What it says, or what is wrong with it; times are as the SDK wants them.
 * @param name of the pipeline that it has to be of: UpdatePipeline would change another without a word
 */
export function parsed(text: string, name?: string): { value?: object; problem?: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value))
      return { problem: 'A definition is an object: { "name": …, "stages": … }.' };
    // As `get-pipeline` writes it, the definition is a member.
    const { pipeline = value } = value as { pipeline?: unknown };
    if (!isObject(pipeline)) return { problem: 'The member pipeline is no object.' };
    const said = (pipeline as { name?: unknown }).name;
    if (name !== undefined && said !== name)
      return { problem: `The name has to stay ${JSON.stringify(name)}: it is another pipeline's.` };
    return { value: pipeline };
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
