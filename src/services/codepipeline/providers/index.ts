import type { NotBuilt } from '../model/action-type.ts';
import type { ActionType } from './action-type.ts';
import { appConfig } from './appconfig.ts';
import { cloudFormation } from './cloudformation.ts';
import { codeBuild } from './codebuild.ts';
import { codeCommitSource } from './codecommit-source.ts';
import { codeDeploy } from './codedeploy.ts';
import { codeDeployToEcs } from './codedeploy-to-ecs.ts';
import { codePipelineInvoke } from './codepipeline-invoke.ts';
import { codeStarSourceConnection } from './codestar-connection-source.ts';
import { commands } from './commands.ts';
import { ecrBuildAndPublish } from './ecr-build.ts';
import { ecrSource } from './ecr-source.ts';
import { ecs } from './ecs.ts';
import { elasticBeanstalk } from './elastic-beanstalk.ts';
import { lambda } from './lambda.ts';
import { manualApproval } from './manual-approval.ts';
import { ruleTypes } from './rules/index.ts';
import { s3Deploy } from './s3-deploy.ts';
import { s3Source } from './s3-source.ts';
import { serviceCatalog } from './service-catalog.ts';
import { cloudFormationStackInstances } from './stack-instances.ts';
import { cloudFormationStackSet } from './stack-set.ts';
import { stepFunctions } from './step-functions.ts';

/** The action types that are built: what CreatePipeline takes and ListActionTypes lists (CP-B). */
export const actionTypes: readonly ActionType[] = [
  codeCommitSource,
  s3Source,
  ecrSource,
  codeStarSourceConnection,
  codeBuild,
  ecrBuildAndPublish,
  commands,
  s3Deploy,
  codeDeploy,
  ecs,
  codeDeployToEcs,
  cloudFormation,
  cloudFormationStackSet,
  cloudFormationStackInstances,
  elasticBeanstalk,
  appConfig,
  serviceCatalog,
  lambda,
  stepFunctions,
  codePipelineInvoke,
  manualApproval,
];

/** All that has providers: actions, and the rules of conditions. */
export const workTypes: readonly ActionType[] = [...actionTypes, ...ruleTypes];

/** AWS has these too; Slipway has not built them, and says so (CP-B3..B28). */
export const notBuilt: NotBuilt = {
  'Source/ThirdParty/GitHub': {},
  'Test/AWS/DeviceFarm': {},
  'Deploy/AWS/EC2': {},
  'Deploy/AWS/EKS': {},
  'Deploy/AWS/OpsWorks': {},
  'Deploy/ThirdParty/AlexaSkillsKit': {},
  'Invoke/AWS/InspectorScan': {},
  'Invoke/ThirdParty/Snyk': {},
};
