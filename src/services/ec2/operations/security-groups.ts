import type * as sdk from '@aws-sdk/client-ec2';
import { unsupported } from '../../../aws/errors.ts';
import type { Tx } from '../../../db/database.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import type { Tags } from '../../../kit/tags.ts';
import * as errors from '../errors.ts';
import { MAX_RULES } from '../limits.ts';
import { vpcOf } from '../model/network.ts';
import * as model from '../model/security-groups.ts';
import { listInstances } from '../store/instances.ts';
import { deleteGroup, findGroup, listGroups, saveGroup } from '../store/security-groups.ts';
import { deleteTags, saveTags, tagsById } from '../store/tags.ts';
import { ec2, ec2Asking, endTrial } from './declare.ts';
import { askForTags, refuse, specifiedConditions, specifiedTags } from './inputs.ts';
import { described, tagList } from './lists.ts';

// Records: no packet is held up by them.

type Tagged = model.SecurityGroup & { tags: Tags };

const groupArn = ({ region, accountId }: ServiceContext, id = '*') =>
  `arn:aws:ec2:${region}:${accountId}:security-group/${id}`;
const ruleArn = ({ region, accountId }: ServiceContext, id: string) =>
  `arn:aws:ec2:${region}:${accountId}:security-group-rule/${id}`;

async function taggedGroups(ctx: ServiceContext): Promise<Tagged[]> {
  const tags = await tagsById(ctx.db, ctx);
  const groups = await listGroups(ctx.db, ctx);
  return groups.map((group) => ({ ...group, tags: tags.get(group.id) ?? new Map() }));
}

export const describeSecurityGroups = ec2('describeSecurityGroups', {}, async (ctx, input) => {
  const { GroupIds: ids, GroupNames: names = [], ...asked } = input;
  const vpc = vpcOf(ctx);
  const all = await taggedGroups(ctx);
  for (const name of names)
    if (!all.some((group) => group.name === name)) throw errors.notFound('sg', name);
  const kind = {
    ...{ prefix: 'sg', idOf: ({ id }: Tagged) => id, tagsOf: ({ tags }: Tagged) => tags },
    factsOf: ({ id, name, description, rules }: Tagged) => {
      const inward = rules.filter(({ egress }) => !egress);
      return {
        ...{ 'group-id': id, 'group-name': name, description, 'vpc-id': vpc },
        'owner-id': ctx.accountId,
        'ip-permission.cidr': inward.map(({ cidr }) => cidr),
        'ip-permission.group-id': inward.map(({ group }) => group),
        'ip-permission.protocol': inward.map(({ protocol }) => protocol),
        'ip-permission.from-port': inward.map(({ from }) => `${from}`),
        'ip-permission.to-port': inward.map(({ to }) => `${to}`),
      };
    },
  };
  const shown = names.length > 0 ? all.filter(({ name }) => names.includes(name)) : all;
  const { items, ...more } = described(ctx, kind, shown, { ...asked, ids });
  return {
    SecurityGroups: items.map(({ id, name, description, rules, tags }) => ({
      ...{ GroupId: id, GroupName: name, Description: description, VpcId: vpc },
      ...{ OwnerId: ctx.accountId, SecurityGroupArn: groupArn(ctx, id), Tags: tagList(tags) },
      IpPermissions: model.permissionsOf(rules, false, ctx.accountId),
      IpPermissionsEgress: model.permissionsOf(rules, true, ctx.accountId),
    })),
    ...more,
  };
});

function ruleShape(ctx: ServiceContext, group: string, rule: model.Rule): sdk.SecurityGroupRule {
  const { id, egress, protocol, from, to, cidr, cidr6, prefixList, description } = rule;
  return {
    ...{ SecurityGroupRuleId: id, GroupId: group, GroupOwnerId: ctx.accountId, IsEgress: egress },
    ...{ IpProtocol: protocol, FromPort: from, ToPort: to, Tags: [] },
    SecurityGroupRuleArn: ruleArn(ctx, id),
    ...(cidr && { CidrIpv4: cidr }),
    ...(cidr6 && { CidrIpv6: cidr6 }),
    ...(prefixList && { PrefixListId: prefixList }),
    ...(rule.group && { ReferencedGroupInfo: { GroupId: rule.group, UserId: ctx.accountId } }),
    ...(description !== undefined && { Description: description }),
  };
}

interface OneRule {
  group: string;
  rule: model.Rule;
}

export const describeSecurityGroupRules = ec2(
  'describeSecurityGroupRules',
  {},
  async (ctx, { SecurityGroupRuleIds: ids, ...asked }) => {
    const all = (await listGroups(ctx.db, ctx)).flatMap((group) =>
      group.rules.map((rule): OneRule => ({ group: group.id, rule })),
    );
    const kind = {
      ...{ prefix: 'sgr', tagsOf: () => new Map(), idOf: ({ rule }: OneRule) => rule.id },
      factsOf: ({ group, rule }: OneRule) => ({
        'group-id': group,
        'security-group-rule-id': rule.id,
      }),
    };
    const { items, ...more } = described(ctx, kind, all, { ...asked, ids });
    return {
      SecurityGroupRules: items.map(({ group, rule }) => ruleShape(ctx, group, rule)),
      ...more,
    };
  },
);

export const createSecurityGroup = ec2Asking(
  'createSecurityGroup',
  {
    resource: (ctx) => groupArn(ctx),
    conditions: (_ctx, { TagSpecifications }) => specifiedConditions(TagSpecifications),
  },
  async (ctx, input) => {
    const { GroupName: name = '', Description: description = '', VpcId: vpc } = input;
    if (vpc !== undefined && vpc !== vpcOf(ctx)) throw errors.notFound('vpc', vpc);
    if (!model.isGroupText(name) || name.startsWith('sg-'))
      throw errors.invalidValue(`Invalid security group name '${name}'.`);
    if (!model.isGroupText(description))
      throw errors.invalidValue(`Invalid security group description '${description}'.`);
    const tags = specifiedTags(input.TagSpecifications, 'security-group');
    await askForTags(ctx, { action: 'CreateSecurityGroup', arn: groupArn(ctx), tags });
    endTrial(input);
    const group = model.newGroup(name, description);
    await ctx.transaction(async (tx) => {
      if ((await listGroups(tx, ctx)).some((other) => other.name === name))
        throw errors.groupExists(name, vpcOf(ctx));
      await saveGroup(tx, ctx, group);
      await saveTags(tx, ctx, group.id, tags);
    });
    return {
      ...{ GroupId: group.id, SecurityGroupArn: groupArn(ctx, group.id) },
      ...(tags.size > 0 && { Tags: tagList(tags) }),
    };
  },
);

interface NamesGroup {
  GroupId?: string | undefined;
  GroupName?: string | undefined;
}

/** By which name or id a group is called is what IAM is asked about. */
const onGroup = {
  resource: async (ctx: ServiceContext, { GroupId, GroupName }: NamesGroup) => {
    const all = GroupId === undefined ? await listGroups(ctx.db, ctx) : [];
    return groupArn(ctx, GroupId ?? all.find(({ name }) => name === GroupName)?.id);
  },
};

async function need(
  tx: Tx,
  ctx: ServiceContext,
  { GroupId, GroupName }: NamesGroup,
): Promise<model.SecurityGroup> {
  if (GroupId === undefined && GroupName === undefined) throw errors.missing('GroupId');
  const found =
    GroupId !== undefined
      ? await findGroup(tx, ctx, GroupId)
      : (await listGroups(tx, ctx)).find(({ name }) => name === GroupName);
  if (!found) throw errors.notFound('sg', GroupId ?? GroupName ?? '');
  return found;
}

export const deleteSecurityGroup = ec2('deleteSecurityGroup', onGroup, async (ctx, input) => {
  const id = await ctx.transaction(async (tx) => {
    const group = await need(tx, ctx, input);
    if (group.name === 'default') throw errors.defaultGroupStays(group.name);
    const has = (await listInstances(tx, ctx)).some(
      ({ state, body }) => state !== 'terminated' && body.groups.includes(group.id),
    );
    const named = (await listGroups(tx, ctx)).some(
      (other) => other.id !== group.id && other.rules.some((rule) => rule.group === group.id),
    );
    if (has || named) throw errors.groupInUse(group.id);
    await deleteTags(tx, ctx, group.id);
    await deleteGroup(tx, ctx, group.id);
    return group.id;
  });
  return { Return: true, GroupId: id };
});

type RuleInput = sdk.AuthorizeSecurityGroupIngressCommandInput;

/** In the older form a call says one rule in members of its own. */
function given(ctx: ServiceContext, input: RuleInput, egress: boolean): model.Rule[] {
  const { IpPermissions = [], IpProtocol, FromPort, ToPort, CidrIp } = input;
  if (input.SourceSecurityGroupName !== undefined || input.SourceSecurityGroupOwnerId !== undefined)
    throw unsupported('security groups that are named rather than told by their ids');
  for (const { UserIdGroupPairs = [] } of IpPermissions)
    for (const pair of UserIdGroupPairs) {
      refuse(pair, 'UserIdGroupPairs', ['PeeringStatus', 'VpcPeeringConnectionId', 'VpcId']);
      if (pair.UserId !== undefined && pair.UserId !== ctx.accountId)
        throw unsupported('security groups of other accounts');
    }
  const one =
    IpProtocol === undefined
      ? []
      : [{ IpProtocol, FromPort, ToPort, IpRanges: CidrIp === undefined ? [] : [{ CidrIp }] }];
  if (IpPermissions.length > MAX_RULES)
    throw errors.tooMany('RulesPerSecurityGroupLimitExceeded', MAX_RULES);
  const rules = model.rulesOf([...IpPermissions, ...one], egress);
  if (!rules) throw errors.invalidValue('Invalid value for the permissions of a security group.');
  if (rules.length === 0) throw errors.missing('ipPermissions');
  if (rules.length > MAX_RULES)
    throw errors.tooMany('RulesPerSecurityGroupLimitExceeded', MAX_RULES);
  return rules;
}

async function authorize(ctx: ServiceContext, input: RuleInput, egress: boolean) {
  const rules = given(ctx, input, egress);
  specifiedTags(input.TagSpecifications, '', ['security-group-rule']);
  const id = await ctx.transaction(async (tx) => {
    const group = await need(tx, ctx, input);
    for (const rule of rules) {
      if (group.rules.some((other) => model.sameRule(other, rule)))
        throw errors.ruleExists(model.ruleWords(rule));
      if (rule.group && !(await findGroup(tx, ctx, rule.group)))
        throw errors.notFound('sg', rule.group);
    }
    if (group.rules.length + rules.length > MAX_RULES * 2)
      throw errors.tooMany('RulesPerSecurityGroupLimitExceeded', MAX_RULES);
    await saveGroup(tx, ctx, { ...group, rules: [...group.rules, ...rules] });
    return group.id;
  });
  return { Return: true, SecurityGroupRules: rules.map((rule) => ruleShape(ctx, id, rule)) };
}

async function revoke(
  ctx: ServiceContext,
  input: RuleInput & { SecurityGroupRuleIds?: string[] | undefined },
  egress: boolean,
) {
  // The command line sends an empty list too.
  const ids = input.SecurityGroupRuleIds?.length ? new Set(input.SecurityGroupRuleIds) : undefined;
  const rules = ids ? [] : given(ctx, input, egress);
  const gone = await ctx.transaction(async (tx) => {
    const group = await need(tx, ctx, input);
    const isMeant = (rule: model.Rule) =>
      ids
        ? rule.egress === egress && ids.has(rule.id)
        : rules.some((each) => model.sameRule(each, rule));
    const meant = group.rules.filter(isMeant);
    if (
      ids
        ? meant.length < ids.size
        : !rules.every((rule) => meant.some((each) => model.sameRule(each, rule)))
    )
      throw errors.noSuchRule();
    await saveGroup(tx, ctx, { ...group, rules: group.rules.filter((rule) => !isMeant(rule)) });
    return meant.map((rule) => ({ ...ruleShape(ctx, group.id, rule), GroupId: group.id }));
  });
  return {
    Return: true,
    RevokedSecurityGroupRules: gone.map(
      ({ Tags: _, GroupOwnerId: __, SecurityGroupRuleArn: ___, ReferencedGroupInfo, ...rule }) => ({
        ...rule,
        ...(ReferencedGroupInfo && { ReferencedGroupId: ReferencedGroupInfo.GroupId }),
      }),
    ),
  };
}

export const authorizeSecurityGroupIngress = ec2(
  'authorizeSecurityGroupIngress',
  onGroup,
  (ctx, input) => authorize(ctx, input, false),
);
export const authorizeSecurityGroupEgress = ec2(
  'authorizeSecurityGroupEgress',
  onGroup,
  (ctx, input) => authorize(ctx, input, true),
);
export const revokeSecurityGroupIngress = ec2('revokeSecurityGroupIngress', onGroup, (ctx, input) =>
  revoke(ctx, input, false),
);
export const revokeSecurityGroupEgress = ec2('revokeSecurityGroupEgress', onGroup, (ctx, input) =>
  revoke(ctx, input, true),
);
