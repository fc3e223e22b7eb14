import { TooManyTagsException } from '@aws-sdk/client-cloudwatch-logs';
import { parseArn } from '../../../aws/arn.ts';
import { AwsError, exception } from '../../../aws/errors.ts';
import { defineResource, type Located, type Place, tagObject } from '../../../kit/resource.ts';
import { type TagRules, tagsOf } from '../../../kit/tags.ts';
import { decodeJson, encodeJson } from '../../../lib/json.ts';
import { groupNotFound, invalidParameter, resourceNotFound } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { joinPolicies } from '../model/policies.ts';
import { updateGroup } from '../store/groups.ts';
import { findGroupAndPolicies, type PolicedGroup } from '../store/policies.ts';
import { groupArn, streamArn } from './arns.ts';

/** How calls name a group: by name, or by an identifier that is a name or an ARN. */
interface GroupNamed {
  logGroupName?: string | undefined;
  logGroupIdentifier?: string | undefined;
  logStreamName?: string | undefined;
}

interface LocatedGroup extends Located {
  name: string;
}

export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  reserved: () => invalidParameter('Tag keys that begin with aws: are for AWS to use.'),
  tooMany: () => invalidParameter(`A log group has at most ${MAX_TAGS} tags.`),
};

/** For its streams too: IAM is asked about these. */
export const logGroup = defineResource<GroupNamed, LocatedGroup, PolicedGroup>({
  type: 'AWS::Logs::LogGroup',
  locate(caller, { logGroupName, logGroupIdentifier, logStreamName }) {
    if (logGroupName !== undefined && logGroupIdentifier !== undefined)
      throw new AwsError(
        'ValidationException',
        'LogGroup name and LogGroup ARN are mutually exclusive parameters.',
      );
    if (logGroupName === undefined && logGroupIdentifier === undefined) {
      throw invalidParameter(
        'Exactly one of logGroupName and logGroupIdentifier has to be specified.',
      );
    }
    const group =
      logGroupName === undefined
        ? identified(caller, logGroupIdentifier)
        : { ...placeOf(caller), name: logGroupName };
    return { ...group, arn: streamArn(group, group.name, logStreamName) };
  },
  parse(arn) {
    const [, name] = /^log-group:([^:]+)/.exec(arn.resource) ?? [];
    return name === undefined ? undefined : { ...placeOf(arn), name, arn: streamArn(arn, name) };
  },
  find: (db, { name, ...owner }) => findGroupAndPolicies(db, owner, name),
  notFound: groupNotFound,
  tags: {
    of: ({ tags }) => tagsOf(decodeJson(tags)),
    save: (tx, group, tags) => updateGroup(tx, group, { tags: encodeJson(tagObject(tags)) }),
    rules: ({ name: resourceName }) => ({
      ...TAG_RULES,
      tooMany: () =>
        exception(TooManyTagsException, `A resource can have no more than ${MAX_TAGS} tags.`, {
          resourceName,
        }),
    }),
  },
  policy: { of: ({ policies }) => joinPolicies(policies) },
});

/** As the older operations on tags name it, without a stream. */
export const namedGroup = defineResource<string | undefined, LocatedGroup, PolicedGroup>({
  ...logGroup,
  locate: (caller, name = '') => ({ ...placeOf(caller), name, arn: groupArn(caller, name) }),
});

/** As the newer operations on tags name it. */
export const taggedGroup = defineResource<string | undefined, LocatedGroup, PolicedGroup>({
  ...logGroup,
  locate: (caller, arn = '') => ({ ...identified(caller, arn), arn }),
  notFound: resourceNotFound,
});

const placeOf = ({ accountId, region }: Place) => ({ accountId, region });

/** The group that a name or an ARN means. @throws InvalidParameterException */
export function identified(caller: Place, identifier = ''): Place & { name: string } {
  if (!identifier.startsWith('arn:')) return { ...placeOf(caller), name: identifier };
  const arn = parseArn(identifier);
  const match = /^log-group:([^:*]+)(?::\*)?$/.exec(arn?.resource ?? '');
  if (!match?.[1] || arn?.service !== 'logs')
    throw invalidParameter('The specified logGroupIdentifier is invalid.');
  if (arn.region !== caller.region)
    throw invalidParameter('The specified logGroupIdentifier is of another region.');
  return { ...placeOf(arn), name: match[1] };
}
