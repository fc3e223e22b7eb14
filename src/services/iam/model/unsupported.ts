import { unsupported } from '../../../aws/errors.ts';

/** A boundary that is stored and not enforced would be worse than none. @throws AwsError NotImplemented */
export function refuseBoundary(input: { PermissionsBoundary?: string }): void {
  if (input.PermissionsBoundary !== undefined) throw unsupported('permissions boundaries');
}
