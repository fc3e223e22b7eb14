import { formatArn, parseArn } from '../../aws/arn.ts';
import { invalidParameter } from './errors.ts';
import type { Owner } from './tables.ts';

/** The ARN of a group, as tags and `logGroupArn` use it. */
export function groupArn({ accountId, region }: Owner, name: string): string {
  return formatArn({ service: 'logs', region, accountId, resource: `log-group:${name}` });
}

export function streamArn(owner: Owner, group: string, stream: string): string {
  return `${groupArn(owner, group)}:log-stream:${stream}`;
}

/** What IAM is asked about: AWS always names a stream, an empty one when the call is about the group. */
export function authorizationArn(owner: Owner, group: string, stream = ''): string {
  return streamArn(owner, group, stream);
}

/** The group that a call names: by name, or by an identifier that is a name or an ARN. @throws InvalidParameterException */
export function groupNameOf(
  owner: Owner,
  input: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined },
): string {
  const { logGroupName, logGroupIdentifier } = input;
  if ((logGroupName === undefined) === (logGroupIdentifier === undefined)) {
    throw invalidParameter(
      'Exactly one of logGroupName and logGroupIdentifier has to be specified.',
    );
  }
  return logGroupName ?? groupNameInIdentifier(owner, logGroupIdentifier ?? '');
}

export function groupNameInIdentifier(owner: Owner, identifier: string): string {
  if (!identifier.startsWith('arn:')) return identifier;
  const arn = parseArn(identifier);
  const match = /^log-group:([^:*]+)(?::\*)?$/.exec(arn?.resource ?? '');
  if (!match?.[1] || arn?.service !== 'logs')
    throw invalidParameter('The specified logGroupIdentifier is invalid.');
  if (arn.accountId !== owner.accountId || arn.region !== owner.region) {
    throw invalidParameter('The specified logGroupIdentifier is of another account or region.');
  }
  return match[1];
}
