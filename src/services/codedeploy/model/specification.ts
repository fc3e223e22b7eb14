import type { DeploymentCreator, RevisionLocation } from '@aws-sdk/client-codedeploy';

/** What an agent is told of a deployment. */
export interface SpecificationOf {
  applicationId: string;
  applicationName: string;
  deploymentId: string;
  groupId: string;
  groupName: string;
  creator: DeploymentCreator;
  fileExistsBehavior: string;
  revision: RevisionLocation;
}

/** The JSON that goes to agents in a signed envelope (CD-AGT-05). Members without a value are left out. */
export function deploymentSpecification(deployment: SpecificationOf): string {
  const { bucket, key, bundleType, version, eTag } = deployment.revision.s3Location ?? {};
  return JSON.stringify({
    ApplicationId: deployment.applicationId,
    ApplicationName: deployment.applicationName,
    DeploymentId: deployment.deploymentId,
    DeploymentGroupId: deployment.groupId,
    DeploymentGroupName: deployment.groupName,
    DeploymentCreator: deployment.creator,
    DeploymentType: 'IN_PLACE',
    AppSpecFilename: 'appspec.yml',
    AgentActionOverrides: { AgentOverrides: { FileExistsBehavior: deployment.fileExistsBehavior } },
    Revision: {
      RevisionType: 'S3',
      S3Revision: {
        Bucket: bucket,
        Key: key,
        BundleType: bundleType,
        Version: version,
        ETag: eTag,
      },
    },
  });
}
