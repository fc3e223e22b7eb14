import type * as sdk from '@aws-sdk/client-iam';
import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  awsPolicyIsFixed,
  checkPolicy,
  noSuchPolicy,
  policyAttached,
  policyExists,
  policyHasVersions,
  quota,
} from '../errors.ts';
import { MANAGED_POLICY_SIZE } from '../limits.ts';
import {
  type AwsManagedPolicy,
  awsManagedPolicies,
  awsManagedPolicy,
} from '../model/aws-managed.ts';
import { newId } from '../model/names.ts';
import { atPolicy } from '../resources/policy.ts';
import {
  attachmentsOf,
  boundedBy,
  countAttachments,
  countBounded,
  deletePolicyRow,
  findPolicy,
  findPolicyByName,
  insertPolicy,
  insertVersion,
  listAccountPolicies,
  listVersions,
  type ManagedPolicy,
} from '../store/policies.ts';
import { iam } from './declare.ts';
import { policySize } from './policy-checks.ts';
import { change, nowOf, onList, slice } from './shared.ts';
import { mergeTags } from './tag-list.ts';

/** AWS's own policies have no history here; AWS gives them all dates of its own. */
const AWS_POLICY_DATE = new Date('2015-02-06T18:39:46Z');

export function checkSize(document: string): void {
  if (policySize(document) > MANAGED_POLICY_SIZE) throw quota('PolicySize', MANAGED_POLICY_SIZE);
}

/** A policy of the caller's account. @throws NoSuchEntityException, AccessDenied for AWS's own */
export async function ownPolicy(tx: Tx, ctx: ServiceContext, arn = ''): Promise<ManagedPolicy> {
  if (awsManagedPolicy(arn)) throw awsPolicyIsFixed(arn);
  const policy = await findPolicy(tx, arn);
  if (policy?.accountId !== ctx.accountId) throw noSuchPolicy(arn);
  return policy;
}

/** To how many a policy is attached, and of how many it is the permissions boundary. */
interface Use {
  attachments: number;
  boundaries: number;
}

async function useOf(tx: Tx, accountId: string, arn: string): Promise<Use> {
  return {
    attachments: await countAttachments(tx, accountId, arn),
    boundaries: await countBounded(tx, accountId, arn),
  };
}

export function policyShape(policy: ManagedPolicy, use: Use): sdk.Policy {
  const { description, tags } = policy.data;
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: `v${policy.defaultVersion}`,
    AttachmentCount: use.attachments,
    PermissionsBoundaryUsageCount: use.boundaries,
    IsAttachable: true,
    ...(description !== undefined && { Description: description }),
    CreateDate: policy.createdAt,
    UpdateDate: policy.updatedAt,
    ...(tags.length > 0 && { Tags: tags }),
  };
}

function awsPolicyShape(policy: AwsManagedPolicy, use: Use): sdk.Policy {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: 'v1',
    AttachmentCount: use.attachments,
    PermissionsBoundaryUsageCount: use.boundaries,
    IsAttachable: true,
    Description: policy.description,
    CreateDate: AWS_POLICY_DATE,
    UpdateDate: AWS_POLICY_DATE,
  };
}

export const createPolicy = iam(
  'createPolicy',
  {
    resource: (ctx, { Path, PolicyName }) =>
      `arn:aws:iam::${ctx.accountId}:policy${Path ?? '/'}${PolicyName}`,
  },
  async (ctx, input) => {
    const document = input.PolicyDocument ?? '';
    checkPolicy(document, 'identity');
    checkSize(document);
    const now = nowOf(ctx);
    const path = input.Path ?? '/';
    const name = input.PolicyName ?? '';
    const policy: ManagedPolicy = {
      accountId: ctx.accountId,
      arn: `arn:aws:iam::${ctx.accountId}:policy${path}${name}`,
      id: newId('policy'),
      name,
      path,
      defaultVersion: 1,
      lastVersion: 1,
      createdAt: now,
      updatedAt: now,
      data: { description: input.Description, tags: mergeTags([], input.Tags) },
    };
    await change(ctx, async (tx) => {
      if (await findPolicyByName(tx, ctx.accountId, name)) throw policyExists(name);
      await insertPolicy(tx, policy);
      await insertVersion(tx, policy.arn, { version: 1, document, createdAt: now });
    });
    return { Policy: policyShape(policy, { attachments: 0, boundaries: 0 }) };
  },
);

export const getPolicy = iam('getPolicy', atPolicy, async (ctx, { PolicyArn: arn = '' }) => {
  const use = await useOf(ctx.db, ctx.accountId, arn);
  const aws = awsManagedPolicy(arn);
  if (aws) return { Policy: awsPolicyShape(aws, use) };
  return { Policy: policyShape(await ownPolicy(ctx.db, ctx, arn), use) };
});

export const listPolicies = iam('listPolicies', onList('policy'), async (ctx, input) => {
  const own = input.Scope === 'AWS' ? [] : await listAccountPolicies(ctx.db, ctx.accountId);
  const aws = input.Scope === 'Local' ? [] : awsManagedPolicies();
  const prefix = input.PathPrefix ?? '/';
  const shapes: sdk.Policy[] = [];
  for (const policy of [...own, ...aws]) {
    if (!policy.path.startsWith(prefix)) continue;
    const use = await useOf(ctx.db, ctx.accountId, policy.arn);
    if (input.OnlyAttached && use.attachments === 0) continue;
    if (input.PolicyUsageFilter === 'PermissionsBoundary' && use.boundaries === 0) continue;
    const shape = 'data' in policy ? policyShape(policy, use) : awsPolicyShape(policy, use);
    // AWS: lists leave out descriptions and tags.
    const { Description: _, Tags: __, ...listed } = shape;
    shapes.push(listed);
  }
  shapes.sort((a, b) => ((a.Arn ?? '') < (b.Arn ?? '') ? -1 : 1));
  const { items, more } = slice(ctx, input, shapes, (shape) => shape.Arn ?? '');
  return { Policies: items, ...more };
});

export const deletePolicy = iam('deletePolicy', atPolicy, async (ctx, input) => {
  await change(ctx, async (tx) => {
    const { arn } = await ownPolicy(tx, ctx, input.PolicyArn);
    const { attachments, boundaries } = await useOf(tx, ctx.accountId, arn);
    if (attachments + boundaries > 0) throw policyAttached();
    if ((await listVersions(tx, arn)).length > 1) throw policyHasVersions();
    await deletePolicyRow(tx, arn);
  });
  return {};
});

export const listEntitiesForPolicy = iam('listEntitiesForPolicy', atPolicy, async (ctx, input) => {
  const arn = input.PolicyArn ?? '';
  if (!awsManagedPolicy(arn)) await ownPolicy(ctx.db, ctx, arn);
  const { PolicyUsageFilter: usage } = input;
  const attached =
    usage === 'PermissionsBoundary' ? [] : await attachmentsOf(ctx.db, ctx.accountId, arn);
  const bounded = usage === 'PermissionsPolicy' ? [] : await boundedBy(ctx.db, ctx.accountId, arn);
  const all = [...new Map([...attached, ...bounded].map((one) => [one.id, one])).values()];
  const wanted = { User: 'user', Role: 'role', Group: 'group' }[input.EntityFilter as string];
  const found = all
    .filter((one) => !wanted || one.kind === wanted)
    .filter((one) => one.path.startsWith(input.PathPrefix ?? '/'))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const { items, more } = slice(ctx, input, found, (one) => one.id);
  const of = (kind: string) => items.filter((one) => one.kind === kind);
  return {
    PolicyUsers: of('user').map(({ name, id }) => ({ UserName: name, UserId: id })),
    PolicyGroups: of('group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
    PolicyRoles: of('role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
    ...more,
  };
});
