import { AwsError } from '../../../aws/errors.ts';

/** A boundary that is stored and not enforced would be worse than none. @throws AwsError NotImplemented */
export function refuseBoundary(input: { PermissionsBoundary?: string }): void {
  if (input.PermissionsBoundary === undefined) return;
  throw new AwsError(
    'NotImplemented',
    'Slipway does not implement permissions boundaries yet.',
    501,
  );
}
