import { ownValue } from '../../../lib/own.ts';
import type { ActionTypeId } from '../model/declaration.ts';
import { codeBuild } from './codebuild.ts';
import { codeCommitSource } from './codecommit-source.ts';
import { codeDeploy } from './codedeploy.ts';
import { manualApproval } from './manual-approval.ts';
import type { Provider } from './provider.ts';
import { s3Deploy } from './s3-deploy.ts';
import { s3Source } from './s3-source.ts';

/** By `category/provider`. */
export type Providers = Record<string, Provider>;

export const providers: Providers = {
  'Source/CodeCommit': codeCommitSource,
  'Source/S3': s3Source,
  'Build/CodeBuild': codeBuild,
  'Test/CodeBuild': codeBuild,
  'Approval/Manual': manualApproval,
  'Deploy/CodeDeploy': codeDeploy,
  'Deploy/S3': s3Deploy,
};

export function findProvider(known: Providers, id: ActionTypeId): Provider | undefined {
  return ownValue(known, `${id.category}/${id.provider}`);
}
