import { randomBytes } from 'node:crypto';
import type { CreateGrantCommandInput, GrantListEntry } from '@aws-sdk/client-kms';
import { parseArn } from '../../../aws/arn.ts';
import { unsupported } from '../../../aws/errors.ts';
import type { Conditions } from '../../../aws/principal.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import {
  accessDenied,
  dryRun,
  invalidGrantToken,
  invalidPrincipal,
  noSuchGrant,
  noSuchKey,
  validation,
} from '../errors.ts';
import { openGrantToken, sealGrantToken } from '../keys/grant-tokens.ts';
import { authorizedKey, authorizeUse, locatedBy, onKey } from '../keys/use.ts';
import { DEFAULT_LIMIT } from '../limits.ts';
import { GRANTABLE, type Grant, withGrants } from '../model/grant.ts';
import { assertUsable, type Key } from '../model/key.ts';
import { keyArn } from '../model/key-id.ts';
import { key } from '../resources/key.ts';
import {
  deleteGrant,
  findGrant,
  insertGrant,
  listGrants as listOfKey,
  listRetirable,
} from '../store/grants.ts';
import { findKey } from '../store/keys.ts';
import { kms } from './declare.ts';
import { paged } from './pages.ts';

export const createGrant = kms('createGrant', 'self', async (ctx, input) => {
  const given = grantOf(ctx, input);
  const found = await authorizedKey(ctx, input.KeyId, {
    action: 'kms:CreateGrant',
    aliases: false,
    grantTokens: input.GrantTokens,
    granted: given,
    conditions: grantConditions(given),
  });
  checkGrant(input, given);
  assertUsable(found);
  if (input.DryRun) throw dryRun();
  const { keyId, accountId, region } = found;
  const grant: Grant = { ...given, keyId, accountId, region };
  const { grantId } = await ctx.transaction(async (tx) => {
    if (!(await findKey(tx, keyId))) throw noSuchKey(keyArn(found, keyId));
    // The same grant of the same name is a repetition.
    const known = (await listOfKey(tx, keyId, { grantee: grant.grantee })).find(
      (other) => grant.name !== undefined && textOf(other) === textOf(grant),
    );
    if (!known) await insertGrant(tx, grant);
    return known ?? grant;
  });
  return { GrantId: grantId, GrantToken: sealGrantToken(ctx, { keyId, grantId }) };
});

/** What two grants have to have in common to be the same. */
const textOf = ({ grantee, retiring, name, operations, constraints }: Grant) =>
  JSON.stringify([grantee, retiring, name, [...operations].sort(), constraints]);

type Given = Omit<Grant, 'keyId' | 'accountId' | 'region'>;

function grantOf(ctx: ServiceContext, input: CreateGrantCommandInput): Given {
  const { GranteePrincipal: grantee = '', RetiringPrincipal: retiring, Name: name } = input;
  return {
    grantId: randomBytes(32).toString('hex'),
    grantee,
    operations: [...new Set(input.Operations)],
    createdAt: ctx.clock.now(),
    ...(retiring !== undefined && { retiring }),
    ...(name !== undefined && { name }),
    ...(input.Constraints && { constraints: input.Constraints }),
  };
}

/** @throws InvalidArnException, ValidationException */
function checkGrant(
  input: CreateGrantCommandInput,
  { grantee, retiring, operations }: Given,
): void {
  if (input.GranteeServicePrincipal !== undefined || input.RetiringServicePrincipal !== undefined)
    throw unsupported('grants to services');
  if (input.Constraints?.SourceArn !== undefined) throw unsupported('the constraint SourceArn');
  checkPrincipal(grantee);
  if (retiring !== undefined) checkPrincipal(retiring);
  const other = operations.find((operation) => !GRANTABLE.includes(operation));
  if (other !== undefined)
    throw validation(`Operation ${other} is not compatible with KeySpec SYMMETRIC_DEFAULT`);
}

/** @throws InvalidArnException */
function checkPrincipal(principal: string): void {
  const arn = parseArn(principal);
  const known =
    (arn?.service === 'iam' && /^(root$|user\/|role\/)/.test(arn.resource)) ||
    (arn?.service === 'sts' && /^(assumed-role|federated-user)\//.test(arn.resource));
  if (!known && !/^\d{12}$/.test(principal)) throw invalidPrincipal(principal);
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html */
function grantConditions({ grantee, retiring, operations, constraints }: Given): Conditions {
  const types = Object.keys(constraints ?? {});
  return {
    'kms:granteeprincipal': grantee,
    'kms:grantoperations': operations,
    'kms:grantisforawsresource': 'false',
    ...(retiring !== undefined && { 'kms:retiringprincipal': retiring }),
    ...(types.length > 0 && { 'kms:grantconstrainttype': types }),
  };
}

export const listGrants = kms(
  'listGrants',
  onKey({ aliases: false }),
  async (ctx, input, found) => {
    if (input.GranteeServicePrincipal !== undefined) throw unsupported('grants to services');
    const { GrantId: grantId, GranteePrincipal: grantee } = input;
    const { items, more } = await paged(
      ctx,
      input,
      DEFAULT_LIMIT,
      (page) => listOfKey(ctx.db, found.keyId, { grantId, grantee, page }),
      (grant) => grant.grantId,
    );
    return { Grants: items.map(shown), ...more };
  },
);

/** Of keys of every account: asked by the account of the principal. */
export const listRetirableGrants = kms('listRetirableGrants', {}, async (ctx, input) => {
  if (input.RetiringServicePrincipal !== undefined) throw unsupported('grants to services');
  const { RetiringPrincipal: retiring = '' } = input;
  checkPrincipal(retiring);
  if ((parseArn(retiring)?.accountId ?? retiring) !== ctx.accountId)
    throw accessDenied(ctx.principal.arn, 'kms:ListRetirableGrants', retiring);
  const { items, more } = await paged(
    ctx,
    input,
    DEFAULT_LIMIT,
    (page) => listRetirable(ctx.db, ctx.region, retiring, page),
    (grant) => grant.grantId,
  );
  return { Grants: items.map(shown), ...more };
});

function shown(grant: Grant): GrantListEntry {
  return {
    KeyId: keyArn(grant, grant.keyId),
    GrantId: grant.grantId,
    Name: grant.name ?? '',
    CreationDate: grant.createdAt,
    GranteePrincipal: grant.grantee,
    ...(grant.retiring !== undefined && { RetiringPrincipal: grant.retiring }),
    IssuingAccount: `arn:aws:iam::${grant.accountId}:root`,
    Operations: grant.operations,
    ...(grant.constraints && { Constraints: grant.constraints }),
  };
}

export const revokeGrant = kms(
  'revokeGrant',
  onKey({ aliases: false }),
  async (ctx, input, { keyId }) => {
    const grantId = input.GrantId ?? '';
    if (!(await findGrant(ctx.db, keyId, grantId))) throw noSuchGrant(grantId);
    if (input.DryRun) throw dryRun();
    await ctx.transaction((tx) => deleteGrant(tx, keyId, grantId));
    return {};
  },
);

/** Who may is told by the grant: who retires it, its grantee if it says so, and the root of the key's account. */
export const retireGrant = kms('retireGrant', 'self', async (ctx, input) => {
  const { GrantToken: token, KeyId, GrantId = '' } = input;
  if ((token === undefined) === (KeyId === undefined)) {
    await ctx.authorize('kms:RetireGrant', '*');
    throw validation('Either a grant token, or a key ID and a grant ID, has to be specified.');
  }
  const { keyId, grantId } =
    token === undefined ? await named(ctx, KeyId, GrantId) : openGrantToken(ctx, token);
  const found = await findKey(ctx.db, keyId);
  const grant = await findGrant(ctx.db, keyId, grantId);
  if (!found || !grant) {
    if (token !== undefined) throw invalidGrantToken();
    await authorizedKey(ctx, KeyId, { action: 'kms:RetireGrant', aliases: false });
    throw noSuchGrant(grantId);
  }
  await authorizeRetiring(ctx, found, grant);
  if (input.DryRun) throw dryRun();
  await ctx.transaction((tx) => deleteGrant(tx, keyId, grantId));
  return {};
});

async function named(ctx: ServiceContext, argument: string | undefined, grantId: string) {
  const { reference } = key.locate(ctx, argument);
  return { keyId: reference.kind === 'key' ? reference.keyId : '', grantId };
}

/** By the grant, which is enough from other accounts too, or by the key's policy. @throws AccessDeniedException */
async function authorizeRetiring(ctx: ServiceContext, found: Key, grant: Grant): Promise<void> {
  const action = 'kms:RetireGrant';
  const name = namesOf(ctx).find(
    (each) =>
      each === grant.retiring ||
      (each === grant.grantee && grant.operations.includes('RetireGrant')) ||
      each === `arn:aws:iam::${found.accountId}:root`,
  );
  if (name === undefined) return authorizeUse(ctx, locatedBy(found), found, { action });
  await ctx.authorize(action, keyArn(found, found.keyId), {
    owner: ctx.accountId,
    resourcePolicy: {
      document: withGrants(found.policy, [name], action),
      kind: 'resource',
      required: true,
    },
  });
}

/** How a grant may name the caller. */
function namesOf({ principal }: ServiceContext): string[] {
  if (principal.type === 'assumed-role') return [principal.arn, principal.roleArn];
  return principal.type === 'root' ? [principal.arn, principal.accountId] : [principal.arn];
}
