import type { Arn } from '../../../../aws/arn.ts';
import { apiDestination } from './api-destination.ts';
import { codebuild } from './codebuild.ts';
import { codepipeline } from './codepipeline.ts';
import { eventBus } from './event-bus.ts';
import { lambda } from './lambda.ts';
import { logs } from './logs.ts';
import { sns } from './sns.ts';
import { sqs } from './sqs.ts';
import { stepFunctions } from './step-functions.ts';
import { firehose, kinesis } from './streams.ts';
import type { TargetKind } from './target.ts';

export const TARGET_KINDS: readonly TargetKind[] = [
  ...[codepipeline, codebuild, sns, sqs, logs, eventBus, apiDestination, lambda, stepFunctions],
  ...[kinesis, firehose],
];

export const kindOf = (arn: Arn): TargetKind | undefined =>
  TARGET_KINDS.find(({ isOf }) => isOf(arn));
