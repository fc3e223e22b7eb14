import type { ServiceContext } from '../../../kit/service.ts';
import { bucketArn, objectArn } from '../model/names.ts';

interface ObjectInput {
  Bucket?: string | undefined;
  Key?: string | undefined;
  VersionId?: string | undefined;
}

/** The rule of an operation on a bucket. */
export const onBucket = {
  resource: (_ctx: ServiceContext, input: { Bucket?: string | undefined }) =>
    bucketArn(input.Bucket),
};

/** The rule of an operation on an object. */
export const onObject = {
  resource: (_ctx: ServiceContext, input: ObjectInput) => objectArn(input.Bucket, input.Key),
};

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
  else await ctx.authorize(versionAction, resource, { conditions: { 's3:versionid': versionId } });
}

export function quote(etag: string): string {
  return `"${etag}"`;
}
