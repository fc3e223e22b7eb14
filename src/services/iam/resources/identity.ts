import { defineResource, type Located, on } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { tagsOf } from '../../../kit/tags.ts';
import { mustNameUser, noSuchIdentity } from '../errors.ts';
import { identityArn } from '../model/names.ts';
import { findIdentity, type Identity } from '../store/identities.ts';
import type { IdentityKind } from '../store/tables.ts';

interface LocatedIdentity extends Located {
  name: string;
}

/** Its ARN has its path, when it exists. That is not for who may not read it: refusals call it `user alice`, as AWS's do. */
const identity = (kind: IdentityKind, type: string) =>
  defineResource<string | undefined, LocatedIdentity, Identity>({
    type,
    locate: ({ accountId, region }, name = '') => ({
      ...{ accountId, region, name },
      arn: identityArn({ accountId, kind, path: '/', name }),
    }),
    parse({ accountId, region, resource }) {
      const [found, ...path] = resource.split('/');
      const name = path.at(-1) ?? '';
      if (found !== kind) return undefined;
      return { accountId, region, name, arn: identityArn({ accountId, kind, path: '/', name }) };
    },
    find: (db, { accountId, name }) => findIdentity(db, accountId, kind, name),
    known: (found) => ({ arn: identityArn(found) }),
    named: ({ name }) => `${kind} ${name}`,
    notFound: ({ name }) => noSuchIdentity(kind, name),
    tags: { of: ({ data }) => tagsOf(data.tags) },
  });

export const user = identity('user', 'AWS::IAM::User');
export const group = identity('group', 'AWS::IAM::Group');
export const role = identity('role', 'AWS::IAM::Role');

interface Named {
  UserName?: string | undefined;
  GroupName?: string | undefined;
  RoleName?: string | undefined;
}

/** The caller, where he names nobody. @throws AwsError when he is no user */
function userIn({ UserName }: Named, { principal }: ServiceContext): string {
  if (UserName !== undefined) return UserName;
  if (principal.type !== 'user') throw mustNameUser();
  return principal.userName;
}
const groupIn = ({ GroupName }: Named) => GroupName;
const roleIn = ({ RoleName }: Named) => RoleName;

export const onUser = on(user, userIn);
export const onGroup = on(group, groupIn);
export const onRole = on(role, roleIn);

/** `iam:PermissionsBoundary`, by which a policy lets change only those who have a certain boundary. */
const boundary = (found: Identity | undefined) => ({
  ...(found?.boundary !== undefined && { 'iam:permissionsboundary': found.boundary }),
});
const byBoundary = {
  conditions: (_ctx: ServiceContext, _input: Named, found: Identity | undefined) => boundary(found),
};

/** The rules of changing what they may do. */
export const changing = {
  user: on(user, userIn, byBoundary),
  group: on(group, groupIn, byBoundary),
  role: on(role, roleIn, byBoundary),
};

interface WithPolicy extends Named {
  PolicyArn?: string | undefined;
}
const byPolicy = {
  conditions: (
    _ctx: ServiceContext,
    { PolicyArn = '' }: WithPolicy,
    found: Identity | undefined,
  ) => ({
    'iam:policyarn': PolicyArn,
    ...boundary(found),
  }),
};

/** The rules of attachments: which policy it is of is a condition key as well. */
export const attaching = {
  user: on(user, userIn, byPolicy),
  group: on(group, groupIn, byPolicy),
  role: on(role, roleIn, byPolicy),
};

/** The condition key of a call that sets a boundary: the one that is to be. */
export const newBoundary = ({ PermissionsBoundary: arn }: { PermissionsBoundary?: string }) => ({
  ...(arn !== undefined && { 'iam:permissionsboundary': arn }),
});
const byNewBoundary = {
  conditions: (_ctx: ServiceContext, input: Named & { PermissionsBoundary?: string }) =>
    newBoundary(input),
};

/** The rules of setting a boundary. */
export const bounding = {
  user: on(user, userIn, byNewBoundary),
  role: on(role, roleIn, byNewBoundary),
};
