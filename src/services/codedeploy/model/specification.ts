import type {
  DeploymentCreator,
  DeploymentStyle,
  RevisionLocation,
  Tag,
} from '@aws-sdk/client-codedeploy';

/** What an agent is told of a deployment. */
interface SpecificationOf {
  applicationId: string;
  applicationName: string;
  deploymentId: string;
  groupId: string;
  groupName: string;
  creator: DeploymentCreator;
  deploymentStyle?: DeploymentStyle | undefined;
  fileExistsBehavior: string;
  revision: RevisionLocation;
  /** Of its deployment group. */
  tags: readonly Tag[];
}

/** A deployment group asks by this tag, with the value `true`, that hosts tell a log group of its deployments (ours). */
const LOGS_TAG = 'slipway:logs';

function logGroupOf({ applicationName, tags }: SpecificationOf): string | undefined {
  const asks = tags.some(({ Key, Value }) => Key === LOGS_TAG && Value === 'true');
  return asks ? `/aws/codedeploy/${applicationName}` : undefined;
}

/** For whom and for what a specification is, so that nobody can hand it to another host, or again. */
interface SpecificationFor {
  hostIdentifier: string;
  /** The command that the host was offered last. */
  command?: { identifier: string; name: string; status: string };
  /** What the agent calls its call. */
  invocationId?: string;
  /** SHA-256 (Base64) and length of the bundle as it is now, where it can be read. */
  bundle?: { checksum: string; bytes: number };
  /** How the host gets at a revision in GitHub. */
  gitHub?: { endpoint?: string; token?: string };
}

/** Ids that are taken over: as SDKs make them. */
const INVOCATION_ID = /^[\w-]{1,64}$/;

/**
 * The JSON that goes to agents in a signed envelope (CD-AGT-05). Members without a value are left out. The official
 * agent knows neither what the bundle has to be nor whom it is for, and reads past them.
 */
export function deploymentSpecification(deployment: SpecificationOf, to: SpecificationFor): string {
  const { command, invocationId } = to;
  return JSON.stringify({
    ApplicationId: deployment.applicationId,
    ApplicationName: deployment.applicationName,
    DeploymentId: deployment.deploymentId,
    DeploymentGroupId: deployment.groupId,
    DeploymentGroupName: deployment.groupName,
    DeploymentCreator: deployment.creator,
    DeploymentType: deployment.deploymentStyle?.deploymentType ?? 'IN_PLACE',
    AppSpecFilename: 'appspec.yml',
    AgentActionOverrides: { AgentOverrides: { FileExistsBehavior: deployment.fileExistsBehavior } },
    Revision: revisionOf(deployment.revision, to),
    GitHubAccessToken: to.gitHub?.token,
    LogGroupName: logGroupOf(deployment),
    HostIdentifier: to.hostIdentifier,
    HostCommand: command && {
      HostCommandIdentifier: command.identifier,
      CommandName: command.name,
      CommandStatus: command.status,
    },
    InvocationId: INVOCATION_ID.test(invocationId ?? '') ? invocationId : undefined,
  });
}

function revisionOf({ s3Location, gitHubLocation }: RevisionLocation, to: SpecificationFor) {
  if (gitHubLocation) {
    const [account, repository] = gitHubLocation.repository?.split('/') ?? [];
    return {
      RevisionType: 'GitHub',
      GitHubRevision: {
        Account: account,
        Repository: repository,
        CommitId: gitHubLocation.commitId,
        // The official agent asks GitHub's own, always.
        Endpoint: to.gitHub?.endpoint,
      },
    };
  }
  const { bucket, key, bundleType, version, eTag } = s3Location ?? {};
  return {
    RevisionType: 'S3',
    S3Revision: {
      Bucket: bucket,
      Key: key,
      BundleType: bundleType,
      Version: version,
      ETag: eTag,
      ChecksumSHA256: to.bundle?.checksum,
      ContentLength: to.bundle?.bytes,
    },
  };
}
