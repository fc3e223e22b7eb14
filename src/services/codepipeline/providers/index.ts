import type { NotBuilt } from '../model/action-type.ts';
import type { ActionType } from './action-type.ts';
import { codeBuild } from './codebuild.ts';
import { codeCommitSource } from './codecommit-source.ts';
import { codeDeploy } from './codedeploy.ts';
import { codeStarSourceConnection } from './codestar-connection-source.ts';
import { manualApproval } from './manual-approval.ts';
import { s3Deploy } from './s3-deploy.ts';
import { s3Source } from './s3-source.ts';

/** The action types that are built: what CreatePipeline takes and ListActionTypes lists (CP-B). */
export const actionTypes: readonly ActionType[] = [
  codeCommitSource,
  s3Source,
  codeStarSourceConnection,
  codeBuild,
  s3Deploy,
  codeDeploy,
  manualApproval,
];

/** AWS has these too; Slipway has not built them, and says so (CP-B3..B28). */
export const notBuilt: NotBuilt = {
  'Source/AWS/ECR': {},
  'Source/ThirdParty/GitHub': {},
  'Compute/AWS/Commands': {
    members: {
      commands: 'required',
      outputVariables: 'optional',
      environmentVariables: 'optional',
      'outputArtifacts.files': 'optional',
    },
  },
  'Build/AWS/ECRBuildAndPublish': {},
  'Test/AWS/DeviceFarm': {},
  'Deploy/AWS/CodeDeployToECS': {},
  'Deploy/AWS/ECS': {},
  'Deploy/AWS/CloudFormation': {},
  'Deploy/AWS/CloudFormationStackSet': {},
  'Deploy/AWS/CloudFormationStackInstances': {},
  'Deploy/AWS/EC2': {},
  'Deploy/AWS/EKS': {},
  'Deploy/AWS/ElasticBeanstalk': {},
  'Deploy/AWS/ServiceCatalog': {},
  'Deploy/AWS/AppConfig': {},
  'Deploy/AWS/OpsWorks': {},
  'Deploy/ThirdParty/AlexaSkillsKit': {},
  'Invoke/AWS/Lambda': {},
  'Invoke/AWS/StepFunctions': {},
  'Invoke/AWS/CodePipeline': {},
  'Invoke/AWS/InspectorScan': {},
  'Invoke/ThirdParty/Snyk': {},
};
