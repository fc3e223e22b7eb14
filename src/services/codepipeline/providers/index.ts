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
import { ec2Deploy } from './ec2-deploy.ts';
import { ecrBuildAndPublish } from './ecr-build.ts';
import { ecrSource } from './ecr-source.ts';
import { ecs } from './ecs.ts';
import { elasticBeanstalk } from './elastic-beanstalk.ts';
import { gitHubSource } from './github-source.ts';
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
  gitHubSource,
  codeBuild,
  ecrBuildAndPublish,
  commands,
  s3Deploy,
  codeDeploy,
  ec2Deploy,
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
  'Test/AWS/DeviceFarm': { lacks: 'a client of AWS Device Farm' },
  'Deploy/AWS/EKS': {
    members: { environmentVariables: 'optional' },
    lacks: 'Helm, kubectl and a way to the cluster',
  },
  'Deploy/AWS/OpsWorks': { lacks: 'AWS OpsWorks, which AWS has ended' },
  'Deploy/ThirdParty/AlexaSkillsKit': { lacks: 'a client of the Alexa Skills Kit' },
  'Invoke/AWS/InspectorScan': { lacks: 'the scanner of Amazon Inspector' },
  'Invoke/ThirdParty/Snyk': { lacks: 'a client of Snyk' },
};
