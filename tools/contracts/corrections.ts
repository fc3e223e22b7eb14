import type { ContractShape } from '../../src/aws/validate/contract.ts';

type Corrections = Record<string, Record<string, Partial<ContractShape>>>;

/** Where the live service is known to check something else than its published model says, with the source. */
const INPUT: Corrections = {
  codepipeline: {
    // The service answers "Value at '…configuration' … less than or equal to 50000" (reference CP-A10, CP-A42):
    // a higher limit than the model's 1000, and the value is not shown.
    ActionConfigurationValue: { max: 50000, sensitive: true },
  },
};

/** The same for what it answers. */
const OUTPUT: Corrections = {
  codebuild: {
    // What images with several languages are called (src/services/codebuild/model/curated-images.ts).
    LanguageType: { enum: ['STANDARD'] },
    // The aws command's documented answers of batch-get-build-batches, stop-build-batch and retry-build-batch: a build
    // that waits is PENDING, a phase CLIENT_ERROR or RETRY, and what makes nothing has the type no_artifacts.
    StatusType: {
      enum: ['SUCCEEDED', 'FAILED', 'FAULT', 'TIMED_OUT', 'IN_PROGRESS', 'STOPPED'].concat(
        ...['PENDING', 'RETRY', 'CLIENT_ERROR'],
      ),
    },
    ArtifactsType: { enum: ['CODEPIPELINE', 'S3', 'NO_ARTIFACTS', 'no_artifacts'] },
  },
  codecommit: {
    // Errors of batches (BatchAssociateApprovalRuleTemplateWithRepositories) name what was asked for, also where it is no name.
    RepositoryName: { pattern: '[\\s\\S]*', max: 1_000_000 },
  },
  codedeploy: {
    // GetDeploymentConfig of CodeDeployDefault.OneAtATime: MOST_CONCURRENCY (reference CD-DC-02).
    MinimumHealthyHostsType: { enum: ['HOST_COUNT', 'FLEET_PERCENT', 'MOST_CONCURRENCY'] },
  },
  codepipeline: {
    // The model's bounds are those of custom action types: AWS's own have more (reference CP-B12, CP-B14).
    ActionConfigurationPropertyList: { max: 20 },
    MaximumArtifactCount: { max: 10 },
  },
  // It answers what was made under the service's newer name, too (reference CX-01): CodeConnections' model says how that looks.
  'codestar-connections': {
    HostArn: {
      pattern: 'arn:aws(-[\\w]+)*:(codestar-connections|codeconnections):.+:[0-9]{12}:host\\/.+',
    },
    RepositoryLinkArn: {
      pattern:
        '^arn:aws(?:-[a-z]+)*:(codestar-connections|codeconnections):[a-z\\-0-9]+:\\d{12}:repository-link\\/[a-zA-Z0-9\\-:/]+',
    },
    ProviderType: {
      enum: ['Bitbucket', 'GitHub', 'GitHubEnterpriseServer', 'GitLab', 'GitLabSelfManaged'].concat(
        'AzureDevOps',
      ),
    },
  },
  iam: {
    // https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachedPermissionsBoundary.html: can only be Policy.
    PermissionsBoundaryAttachmentType: { enum: ['Policy'] },
  },
  kms: {
    // A grant without a name answers an empty one: the documented answer of list-retirable-grants.
    GrantNameType: { pattern: '^[a-zA-Z0-9:/_-]*$' },
  },
};

export const CORRECTIONS = { input: INPUT, output: OUTPUT };
