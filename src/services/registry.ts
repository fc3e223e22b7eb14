import type { Registered } from '../kit/manifest.ts';

/** Every service, one line each: adding one touches its folder, this line and its contract file. */
export const SERVICES: Record<string, () => Promise<Registered>> = {
  iam: () => import('./iam/manifest.ts'),
  sts: () => import('./sts/manifest.ts'),
  kms: () => import('./kms/manifest.ts'),
  s3: () => import('./s3/manifest.ts'),
  ssm: () => import('./ssm/manifest.ts'),
  secretsmanager: () => import('./secretsmanager/manifest.ts'),
  logs: () => import('./logs/manifest.ts'),
  sqs: () => import('./sqs/manifest.ts'),
  codecommit: () => import('./codecommit/manifest.ts'),
  codebuild: () => import('./codebuild/manifest.ts'),
  ec2: () => import('./ec2/manifest.ts'),
  codedeploy: () => import('./codedeploy/manifest.ts'),
  codepipeline: () => import('./codepipeline/manifest.ts'),
  events: () => import('./events/manifest.ts'),
  scheduler: () => import('./scheduler/manifest.ts'),
  cloudtrail: () => import('./cloudtrail/manifest.ts'),
  sns: () => import('./sns/manifest.ts'),
  cloudwatch: () => import('./cloudwatch/manifest.ts'),
  'codestar-notifications': () => import('./codestar-notifications/manifest.ts'),
  codeconnections: () => import('./codeconnections/manifest.ts'),
  elb: () => import('./elb/manifest.ts'),
  elbv2: () => import('./elbv2/manifest.ts'),
  'service-quotas': () => import('./service-quotas/manifest.ts'),
};
