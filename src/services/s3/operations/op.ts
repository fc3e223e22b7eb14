import type { AuthorizeRule, Operation } from '../../../aws/operation.ts';
import { operation as anyOperation, type ServiceContext } from '../../service.ts';
import { bucketArn, objectArn } from '../model/names.ts';
import { refuseHeaders } from '../refused.ts';

/** One S3 operation, by the SDK's input and output. */
export type Op<I, O> = Operation<ServiceContext, I, Omit<O, '$metadata'>>;

/**
 * `operation`, which also refuses what no operation takes. Its types come from the annotation alone: the rules below fit
 * inputs of many operations.
 */
export function operation<I, O>(
  authorize: AuthorizeRule<ServiceContext, NoInfer<I>>,
  handle: (ctx: ServiceContext, input: NoInfer<I>) => Promise<O>,
): Operation<ServiceContext, I, O> {
  return anyOperation<I, O>(authorize, async (ctx, input) => {
    refuseHeaders(input as object);
    return handle(ctx, input);
  });
}

interface ObjectInput {
  Bucket?: string | undefined;
  Key?: string | undefined;
  VersionId?: string | undefined;
}

/** The rule of an operation on a bucket. */
export const onBucket = (action: string) => ({
  action,
  resource: (_ctx: ServiceContext, input: { Bucket?: string | undefined }) =>
    bucketArn(input.Bucket),
});

/** The rule of an operation on an object. */
export const onObject = (action: string) => ({
  action,
  resource: (_ctx: ServiceContext, input: ObjectInput) => objectArn(input.Bucket, input.Key),
});

/** An operation that writes a body, under `action` on its object. */
export function bodyOperation<I extends ObjectInput, O>(
  action: string,
  conditions: (input: NoInfer<I>) => Record<string, string>,
  handle: (ctx: ServiceContext, input: NoInfer<I>) => Promise<O>,
): Operation<ServiceContext, I, O> {
  const resource = (_ctx: ServiceContext, input: I) => objectArn(input.Bucket, input.Key);
  return operation<I, O>(
    { action, resource, conditions: (_ctx, input) => conditions(input) },
    handle,
  );
}

/** Asks for `action`, or for `versionAction` when the call names a version. */
export async function authorizeVersioned(
  ctx: ServiceContext,
  input: ObjectInput,
  action: string,
  versionAction: string,
): Promise<void> {
  const { VersionId: versionId } = input;
  const resource = objectArn(input.Bucket, input.Key);
  if (versionId === undefined) await ctx.authorize(action, resource);
  else await ctx.authorize(versionAction, resource, { 's3:versionid': versionId });
}

export function quote(etag: string): string {
  return `"${etag}"`;
}
