import { formatArn } from '../../../aws/arn.ts';
import type { Asked } from '../../../kit/pages.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidNextToken, pipelineNotFound } from '../errors.ts';
import { findPipeline, type PipelineRecord } from '../store.ts';

/** `arn:aws:codepipeline:REGION:ACCOUNT:NAME`; stages and actions follow after `/` (CP-A2). */
export function pipelineArn(
  ctx: ServiceContext,
  name = '',
  ...path: (string | undefined)[]
): string {
  const { partition, region, accountId } = ctx;
  const resource = [name, ...path.map((part) => part ?? '')].join('/');
  return formatArn({ partition, service: 'codepipeline', region, accountId, resource });
}

/** Who may call an operation that names a pipeline in `name` or `pipelineName`. */
export const onPipeline = {
  resource: (
    ctx: ServiceContext,
    input: { name?: string | undefined; pipelineName?: string | undefined },
  ) => pipelineArn(ctx, input.pipelineName ?? input.name),
};

/** The same for operations on a stage. */
export const onStage = {
  resource: (
    ctx: ServiceContext,
    input: { pipelineName: string | undefined; stageName: string | undefined },
  ) => pipelineArn(ctx, input.pipelineName, input.stageName),
};

/** The pipeline of that name in the caller's account and region. @throws PipelineNotFoundException */
export async function getPipelineRecord(
  ctx: ServiceContext,
  name: string | undefined,
): Promise<PipelineRecord> {
  const record = await findPipeline(ctx.db, keyOf(ctx, name));
  if (!record) throw pipelineNotFound(ctx.accountId, name ?? '');
  return record;
}

export function keyOf(ctx: ServiceContext, name: string | undefined) {
  return { accountId: ctx.accountId, region: ctx.region, name: name ?? '' };
}

/** What the caller of a list asked for. @throws InvalidNextTokenException */
export const asked = (
  input: { nextToken?: string | undefined; maxResults?: number | undefined },
  limit: number,
): Asked => ({
  token: input.nextToken,
  limit: input.maxResults ?? limit,
  refuse: invalidNextToken,
});
