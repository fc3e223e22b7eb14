// What is to be had from IAM's words of a refused call.

/**
 * What stands behind `on resource: ` in a refusal, as the source of a regular expression with one group: an ARN, `*`, or
 * IAM's `user mary` for somebody who may not know whether there is one.
 */
export const DENIED_RESOURCE = String.raw`"?((?:(?:user|role|group|policy|instance profile|server certificate) )?[^\s"]+)"?`;

/**
 * It as an ARN, which a policy can name; a path is not said.
 * @param principal ARN of who was refused: IAM's names are of that account
 */
export function deniedArn(resource: string, principal: string): string {
  const [, kind, name] = /^([a-z ]+) (\S+)$/.exec(resource) ?? [];
  const [, partition, , , account] = principal.split(':');
  if (kind === undefined || account === undefined) return resource;
  return `arn:${partition}:iam::${account}:${kind.replace(' ', '-')}/${name}`;
}

/** `arn:aws:sts::1:assumed-role/NAME/SESSION` is a session of `arn:aws:iam::1:role/NAME`, whose path it does not say. */
export function roleOf(arn: string): string {
  const session = /^arn:([^:]+):sts::(\d{12}):assumed-role\/([^/]+)\/.+$/.exec(arn);
  return session ? `arn:${session[1]}:iam::${session[2]}:role/${session[3]}` : arn;
}
