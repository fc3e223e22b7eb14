import type { Arn } from '../../../../aws/arn.ts';
import { apiDestination } from './api-destination.ts';
import { codebuild } from './codebuild.ts';
import { codepipeline } from './codepipeline.ts';
import { eventBus } from './event-bus.ts';
import { logs } from './logs.ts';
import { sns } from './sns.ts';
import { sqs } from './sqs.ts';
import type { TargetKind } from './target.ts';
import { lambda, stepFunctions } from './unserved.ts';

export const TARGET_KINDS: readonly TargetKind[] = [
  ...[codepipeline, codebuild, sns, sqs, logs, eventBus, apiDestination, lambda, stepFunctions],
];

export const kindOf = (arn: Arn): TargetKind | undefined =>
  TARGET_KINDS.find(({ isOf }) => isOf(arn));
