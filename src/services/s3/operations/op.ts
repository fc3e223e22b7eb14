import { Readable, Transform } from 'node:stream';
import type { AuthorizeRule, Operation } from '../../../aws/operation.ts';
import { operation as anyOperation, type ServiceContext } from '../../service.ts';
import { bucketArn, objectArn } from '../model/names.ts';

/** One S3 operation, by the SDK's input and output. */
export type Op<I, O> = Operation<ServiceContext, I, Omit<O, '$metadata'>>;

/** `operation`, whose types come from the annotation alone: the rules below fit inputs of many operations. */
export function operation<I, O>(
  authorize: AuthorizeRule<ServiceContext, NoInfer<I>>,
  handle: (ctx: ServiceContext, input: NoInfer<I>) => Promise<O>,
): Operation<ServiceContext, I, O> {
  return anyOperation<I, O>(authorize, handle);
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

/**
 * An operation that takes a stream, under `action` on its object. A body can turn out to be wrong (its
 * checksum) before it is read: the reader is told then, but an `error` event that nobody hears would end the
 * process. And when the call fails, what checks the body is let go, so that the rest of it drains and the
 * client, which may still be sending, gets to read why.
 */
export function bodyOperation<I extends ObjectInput & { Body?: unknown }, O>(
  action: string,
  conditions: (input: NoInfer<I>) => Record<string, string>,
  handle: (ctx: ServiceContext, input: NoInfer<I>) => Promise<O>,
): Operation<ServiceContext, I, O> {
  return anyOperation<I, O>('self', async (ctx, input) => {
    const { Body: body } = input;
    if (body instanceof Readable) body.on('error', () => {});
    try {
      await ctx.authorize(action, objectArn(input.Bucket, input.Key), conditions(input));
      return await handle(ctx, input);
    } catch (error) {
      if (body instanceof Transform) body.destroy();
      throw error;
    }
  });
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
