import { newPublicKey } from './rsa-keys.ts';
import { type Call, each, type Lists, roleOf, TAGS, type Where } from './three.ts';

const TRUST =
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["codebuild.amazonaws.com","codepipeline.amazonaws.com","logs.amazonaws.com","scheduler.amazonaws.com"]}}}';
const POLICY =
  '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}';

async function attachments(call: Call, at: string): Promise<void> {
  await each(async (n) => {
    const PolicyArn = `arn:aws:iam::${at}:policy/p${n}`;
    const inline = { PolicyName: n, PolicyDocument: POLICY };
    await call('iam', 'AddUserToGroup', { UserName: 'u1', GroupName: `g${n}` });
    if (n !== '1') await call('iam', 'AddUserToGroup', { UserName: `u${n}`, GroupName: 'g1' });
    for (const [kind, Name] of [
      ['User', 'u1'],
      ['Group', 'g1'],
      ['Role', 'r1'],
    ]) {
      await call('iam', `Put${kind}Policy`, { [`${kind}Name`]: Name, ...inline });
      await call('iam', `Attach${kind}Policy`, { [`${kind}Name`]: Name, PolicyArn });
    }
    if (n !== '1') {
      await call('iam', 'AttachUserPolicy', {
        UserName: `u${n}`,
        PolicyArn: `arn:aws:iam::${at}:policy/p1`,
      });
      await call('iam', 'CreateAccessKey', { UserName: 'u1' });
      await call('iam', 'CreateServiceSpecificCredential', {
        UserName: 'u1',
        ServiceName: 'codecommit.amazonaws.com',
      });
      await call('iam', 'CreatePolicyVersion', {
        PolicyArn: `arn:aws:iam::${at}:policy/p1`,
        PolicyDocument: POLICY,
      });
    }
  });
}

/** The quota of keys and credentials of a user is two. */
export async function identities(call: Call, where: Where): Promise<Lists> {
  const [user, group, ofRole] = [{ UserName: 'u1' }, { GroupName: 'g1' }, { RoleName: 'r1' }];
  await each(async (n) => {
    await call('iam', 'CreateUser', { UserName: `u${n}`, Tags: TAGS });
    await call('iam', 'CreateGroup', { GroupName: `g${n}` });
    await call('iam', 'CreateRole', {
      RoleName: `r${n}`,
      AssumeRolePolicyDocument: TRUST,
      Tags: TAGS,
    });
    await call('iam', 'CreatePolicy', { PolicyName: `p${n}`, PolicyDocument: POLICY, Tags: TAGS });
    await call('iam', 'UploadSSHPublicKey', { ...user, SSHPublicKeyBody: newPublicKey() });
  });
  await attachments(call, where.accountId);
  const PolicyArn = `arn:aws:iam::${where.accountId}:policy/p1`;
  return {
    GetGroup: { input: group, items: 'Users' },
    ListAccessKeys: { input: user, items: 'AccessKeyMetadata', atLeast: 2 },
    ListAttachedGroupPolicies: { input: group, items: 'AttachedPolicies' },
    ListAttachedRolePolicies: { input: ofRole, items: 'AttachedPolicies' },
    ListAttachedUserPolicies: { input: user, items: 'AttachedPolicies' },
    ListEntitiesForPolicy: { input: { PolicyArn, EntityFilter: 'User' }, items: 'PolicyUsers' },
    ListGroupPolicies: { input: group, items: 'PolicyNames' },
    ListGroups: { input: {}, items: 'Groups' },
    ListGroupsForUser: { input: user, items: 'Groups' },
    ListPolicies: { input: { Scope: 'Local' }, items: 'Policies' },
    ListPolicyTags: { input: { PolicyArn }, items: 'Tags' },
    ListPolicyVersions: { input: { PolicyArn }, items: 'Versions' },
    ListRolePolicies: { input: ofRole, items: 'PolicyNames' },
    ListRoleTags: { input: ofRole, items: 'Tags' },
    ListRoles: { input: {}, items: 'Roles' },
    ListSSHPublicKeys: { input: user, items: 'SSHPublicKeys' },
    ListServiceSpecificCredentials: {
      input: user,
      items: 'ServiceSpecificCredentials',
      atLeast: 2,
    },
    ListUserPolicies: { input: user, items: 'PolicyNames' },
    ListUserTags: { input: user, items: 'Tags' },
    ListUsers: { input: {}, items: 'Users' },
    SimulateCustomPolicy: {
      input: { PolicyInputList: [POLICY], ActionNames: ['s3:GetObject', 's3:PutObject', 'sts:*'] },
      items: 'EvaluationResults',
    },
    SimulatePrincipalPolicy: {
      input: {
        PolicySourceArn: roleOf(where),
        ActionNames: ['s3:GetObject', 's3:PutObject', 'sts:*'],
      },
      items: 'EvaluationResults',
    },
  };
}
