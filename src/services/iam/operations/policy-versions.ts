import type * as sdk from '@aws-sdk/client-iam';
import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { checkPolicy, defaultVersionStays, noSuchVersion, tooManyVersions } from '../errors.ts';
import { POLICY_VERSIONS } from '../limits.ts';
import { awsManagedPolicy } from '../model/aws-managed.ts';
import { atPolicy } from '../resources/policy.ts';
import {
  deleteVersion,
  insertVersion,
  listVersions,
  type PolicyVersion,
  updatePolicy,
} from '../store/policies.ts';
import { iam } from './declare.ts';
import { checkSize, ownPolicy } from './managed-policies.ts';
import { change, nowOf, slice } from './shared.ts';

/** @throws NoSuchEntityException */
function find(versions: PolicyVersion[], arn: string, id = ''): PolicyVersion {
  const found = versions.find(({ version }) => `v${version}` === id);
  if (!found) throw noSuchVersion(arn, id);
  return found;
}

function shape({ version, createdAt }: PolicyVersion, defaultVersion: number): sdk.PolicyVersion {
  return {
    VersionId: `v${version}`,
    IsDefaultVersion: version === defaultVersion,
    CreateDate: createdAt,
  };
}

/** The versions of a policy, AWS's own included: those have one. */
async function versionsOf(tx: Tx, ctx: ServiceContext, arn = '') {
  const document = awsManagedPolicy(arn)?.document;
  if (document !== undefined) {
    const versions: PolicyVersion[] = [
      { version: 1, document, createdAt: new Date('2015-02-06T18:39:46Z') },
    ];
    return { arn, defaultVersion: 1, versions };
  }
  const { defaultVersion } = await ownPolicy(tx, ctx, arn);
  return { arn, defaultVersion, versions: await listVersions(tx, arn) };
}

export const createPolicyVersion = iam('createPolicyVersion', atPolicy, async (ctx, input) => {
  const document = input.PolicyDocument ?? '';
  checkPolicy(document, 'identity');
  checkSize(document);
  const createdAt = nowOf(ctx);
  const PolicyVersion = await change(ctx, async (tx) => {
    const policy = await ownPolicy(tx, ctx, input.PolicyArn);
    if ((await listVersions(tx, policy.arn)).length >= POLICY_VERSIONS)
      throw tooManyVersions(POLICY_VERSIONS);
    const version = policy.lastVersion + 1;
    const defaultVersion = input.SetAsDefault ? version : policy.defaultVersion;
    await insertVersion(tx, policy.arn, { version, document, createdAt });
    await updatePolicy(tx, {
      ...policy,
      defaultVersion,
      lastVersion: version,
      updatedAt: createdAt,
    });
    return shape({ version, document, createdAt }, defaultVersion);
  });
  return { PolicyVersion };
});

export const getPolicyVersion = iam('getPolicyVersion', atPolicy, async (ctx, input) => {
  const { arn, versions, defaultVersion } = await versionsOf(ctx.db, ctx, input.PolicyArn);
  const found = find(versions, arn, input.VersionId);
  return {
    PolicyVersion: {
      ...shape(found, defaultVersion),
      Document: encodeURIComponent(found.document),
    },
  };
});

export const listPolicyVersions = iam('listPolicyVersions', atPolicy, async (ctx, input) => {
  const { versions, defaultVersion } = await versionsOf(ctx.db, ctx, input.PolicyArn);
  // Newest first, so the key of the pages counts down.
  const keyOf = ({ version }: PolicyVersion) => String(1_000_000 - version);
  const { items, more } = slice(ctx, input, versions, keyOf);
  return { Versions: items.map((version) => shape(version, defaultVersion)), ...more };
});

export const setDefaultPolicyVersion = iam(
  'setDefaultPolicyVersion',
  atPolicy,
  async (ctx, input) => {
    const updatedAt = nowOf(ctx);
    await change(ctx, async (tx) => {
      const policy = await ownPolicy(tx, ctx, input.PolicyArn);
      const { version } = find(await listVersions(tx, policy.arn), policy.arn, input.VersionId);
      await updatePolicy(tx, { ...policy, defaultVersion: version, updatedAt });
    });
    return {};
  },
);

export const deletePolicyVersion = iam('deletePolicyVersion', atPolicy, async (ctx, input) => {
  await change(ctx, async (tx) => {
    const policy = await ownPolicy(tx, ctx, input.PolicyArn);
    const { version } = find(await listVersions(tx, policy.arn), policy.arn, input.VersionId);
    if (version === policy.defaultVersion) throw defaultVersionStays();
    await deleteVersion(tx, policy.arn, version);
  });
  return {};
});
