import type { ServiceDefinition } from '../kit/service.ts';

/** Every service, one line each: adding one touches its folder, this line and its contract file. */
export const SERVICES: Record<string, () => Promise<{ default: ServiceDefinition }>> = {
  iam: () => import('./iam/index.ts'),
  sts: () => import('./sts/index.ts'),
  kms: () => import('./kms/index.ts'),
  s3: () => import('./s3/index.ts'),
  ssm: () => import('./ssm/index.ts'),
  secretsmanager: () => import('./secretsmanager/index.ts'),
  logs: () => import('./logs/index.ts'),
  codecommit: () => import('./codecommit/index.ts'),
  codebuild: () => import('./codebuild/index.ts'),
  codedeploy: () => import('./codedeploy/index.ts'),
  codepipeline: () => import('./codepipeline/index.ts'),
  'service-quotas': () => import('./service-quotas/index.ts'),
};
