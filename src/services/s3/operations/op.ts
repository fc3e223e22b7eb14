import type { ServiceContext } from '../../../kit/service.ts';
import { authorizeIn, ofBucket } from '../access.ts';
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
  about: (ctx: ServiceContext, input: { Bucket?: string | undefined }) =>
    ofBucket(ctx, input.Bucket),
};

/** The rule of an operation on an object. */
export const onObject = {
  resource: (_ctx: ServiceContext, input: ObjectInput) => objectArn(input.Bucket, input.Key),
  about: (ctx: ServiceContext, input: ObjectInput) => ofBucket(ctx, input.Bucket),
};

/** Asks for `action`, or for `versionAction` when the call names a version. */
export async function authorizeVersioned(
  ctx: ServiceContext,
  input: ObjectInput,
  action: string,
  versionAction: string,
): Promise<void> {
  const { VersionId: versionId } = input;
  const object = { bucket: input.Bucket, key: input.Key ?? '' };
  if (versionId === undefined) await authorizeIn(ctx, action, object);
  else await authorizeIn(ctx, versionAction, object, { 's3:versionid': versionId });
}

export function quote(etag: string): string {
  return `"${etag}"`;
}
