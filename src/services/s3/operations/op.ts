import { Readable } from 'node:stream';
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
 * The rule of an operation that takes a stream. A body can turn out to be wrong (its checksum) before it is
 * read: the reader is told then, but an `error` event that nobody hears would end the process. The rule is
 * the first of the operation to see the body.
 */
export const onObjectBody = (action: string) => ({
  action,
  resource: (_ctx: ServiceContext, input: ObjectInput & { Body?: unknown }) => {
    if (input.Body instanceof Readable) input.Body.on('error', () => {});
    return objectArn(input.Bucket, input.Key);
  },
});

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
