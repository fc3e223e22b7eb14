import { randomBytes } from 'node:crypto';
import type { Tx } from '../../../db/database.ts';
import { followed } from '../../../kit/load-balancing/followed.ts';
import { need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { append } from '../../../lib/append.ts';
import {
  associated,
  configuration,
  duplicateListener,
  groupNotFound,
  incompatible,
  invalid,
  listenerNotFound,
  tooManyListeners,
} from '../errors.ts';
import { MAX_LISTENERS } from '../limits.ts';
import { needCertificates, readListener } from '../listeners/input.ts';
import { childArn } from '../model/arns.ts';
import { isSecure, type Protocol } from '../model/protocols.ts';
import { groupsOf, readActions } from '../model/rules.ts';
import { DEFAULT_PRIORITY, type Listener, type Rule } from '../model/things.ts';
import { changed } from '../reconcilers/change.ts';
import { appliedTopic } from '../reconcilers/names.ts';
import { atListener, balancer, listener, onBalancer, onListener } from '../resources/kinds.ts';
import { findBalancer, revisionsOf } from '../store/balancers.ts';
import { findGroup, userOf } from '../store/groups.ts';
import {
  defaultRulesOf,
  deleteListener as deleteRow,
  findListener,
  insertListener,
  insertRule,
  listListeners,
  updateListener,
  updateRule,
} from '../store/listeners.ts';
import { forgetUnused } from '../store/targets.ts';
import { elbv2 } from './declare.ts';
import { named, newTags, paged } from './pages.ts';
import { ownBalancer } from './target-groups.ts';

/** To which groups the listeners of each protocol may lead. */
const GROUPS: Record<Protocol, Protocol[]> = {
  HTTP: ['HTTP', 'HTTPS'],
  HTTPS: ['HTTP', 'HTTPS'],
  TCP: ['TCP'],
  TLS: ['TCP', 'TLS'],
};

/** The groups of a rule's actions: there, of the right protocol, and of no other balancer. */
export async function checkGroups(
  ctx: ServiceContext,
  tx: Tx,
  rule: Pick<Rule, 'actions'>,
  of: { balancerArn: string; protocol: Protocol },
): Promise<void> {
  for (const arn of groupsOf(rule.actions)) {
    const found = await findGroup(tx, arn);
    if (!found || found.accountId !== ctx.accountId || found.region !== ctx.region)
      throw groupNotFound();
    if (!GROUPS[of.protocol].includes(found.protocol))
      throw incompatible(found.protocol, of.protocol);
    const user = await userOf(tx, arn);
    if (user !== undefined && user !== of.balancerArn) throw associated(arn);
  }
}

export const createListener = elbv2('createListener', onBalancer, async (ctx, input, of) => {
  const read = readListener(of.type, input);
  const { Port: port } = input;
  if (port === undefined) throw invalid('A port must be specified');
  const actions = readActions(input.DefaultActions ?? [], read.protocol);
  const arn = childArn(of.arn, randomBytes(8).toString('hex'));
  const tags = await newTags(ctx, arn, 'CreateListener', input.Tags);
  const made: Listener = {
    ...{ arn, balancerArn: of.arn, port, ...read, tags, attributes: {} },
    problem: undefined,
  };
  const rule: Rule = {
    ...{ arn: childArn(arn, randomBytes(8).toString('hex')), listenerArn: arn, tags: {} },
    ...{ priority: DEFAULT_PRIORITY, conditions: [], actions },
  };
  await ctx.transaction(async (tx) => {
    await need(tx, balancer, balancer.locate(ctx, of.arn));
    const all = await listListeners(tx, of.arn);
    if (all.some((one) => one.port === port)) throw duplicateListener();
    if (all.length >= MAX_LISTENERS) throw tooManyListeners();
    await checkGroups(ctx, tx, rule, made);
    await needCertificates(ctx, tx, made.certificates);
    await insertListener(tx, made);
    await insertRule(tx, rule, of.arn);
    await changed(ctx, tx, of.arn);
  });
  const problem = await opened(ctx, made);
  if (problem === undefined) return { Listeners: [shown(made, actions)] };
  await ctx.transaction(async (tx) => {
    await deleteRow(tx, arn);
    await changed(ctx, tx, of.arn);
  });
  throw configuration(`The listener cannot be created: ${problem}`);
});

/** Waits until it does what it was told. @returns why it does not */
async function opened(
  ctx: ServiceContext,
  { arn, balancerArn }: Listener,
): Promise<string | undefined> {
  const revisions = () => revisionsOf(ctx.db, balancerArn);
  const late = await followed(ctx, appliedTopic(balancerArn), revisions);
  return late ?? (await findListener(ctx.db, arn))?.problem;
}

export function shown(listener: Listener, actions: Rule['actions']) {
  const { arn, balancerArn, port, protocol, sslPolicy, certificates } = listener;
  return {
    ...{ ListenerArn: arn, LoadBalancerArn: balancerArn, Port: port, Protocol: protocol },
    ...(isSecure(protocol) && {
      Certificates: certificates.slice(0, 1).map((one) => ({ CertificateArn: one })),
      SslPolicy: sslPolicy,
    }),
    ...(protocol === 'HTTPS' && { MutualAuthentication: { Mode: 'off' } }),
    DefaultActions: actions,
  };
}

export const describeListeners = elbv2('describeListeners', {}, async (ctx, input) => {
  const { LoadBalancerArn, ListenerArns } = input;
  if (LoadBalancerArn === undefined && !ListenerArns?.length)
    throw invalid('You must specify either listener ARNs or a load balancer ARN');
  if (LoadBalancerArn !== undefined && ListenerArns?.length)
    throw invalid('Listener ARNs and a load balancer ARN cannot be specified at the same time');
  const all: Listener[] = [];
  if (LoadBalancerArn !== undefined) {
    await ownBalancer(ctx, LoadBalancerArn);
    append(all, await listListeners(ctx.db, LoadBalancerArn));
  }
  for (const arn of ListenerArns ?? []) all.push(await ownListener(ctx, arn));
  const wanted = named(all, ListenerArns, ({ arn }) => arn, listenerNotFound);
  const { items, next } = paged(ctx, input, wanted, ({ arn }) => arn);
  const defaults = await defaultRulesOf(
    ctx.db,
    items.map(({ arn }) => arn),
  );
  return {
    Listeners: items.map((one) => shown(one, defaults.get(one.arn)?.actions ?? [])),
    ...next,
  };
});

/** A listener of the caller's, named in a question that IAM asks about none. */
export async function ownListener(ctx: ServiceContext, arn: string): Promise<Listener> {
  const located = listener.locate(ctx, arn);
  const own = located.accountId === ctx.accountId && located.region === ctx.region;
  const found = own && (await findListener(ctx.db, arn));
  if (!found) throw listenerNotFound();
  return found;
}

export const modifyListener = elbv2(
  'modifyListener',
  onListener,
  async (ctx, input, { arn, balancerArn }) => {
    const { before, after } = await ctx.transaction(async (tx) => {
      const of = await need(tx, balancer, balancer.locate(ctx, balancerArn));
      const was = await need(tx, listener, listener.locate(ctx, arn));
      const { Port: port = was.port } = input;
      const found = { ...was, port, ...readListener(of.type, input, was) };
      await needCertificates(ctx, tx, found.certificates);
      const given = input.DefaultActions && readActions(input.DefaultActions, found.protocol);
      const all = await listListeners(tx, balancerArn);
      if (all.some((one) => one.port === port && one.arn !== arn)) throw duplicateListener();
      await updateListener(tx, found);
      const rule = (await defaultRulesOf(tx, [arn])).get(arn);
      const now = rule && given ? { ...rule, actions: given } : rule;
      if (now) await checkGroups(ctx, tx, now, found);
      if (now && now !== rule) await updateRule(tx, now, balancerArn);
      await forgetUnused(tx, ctx);
      await changed(ctx, tx, balancerArn);
      return { before: { listener: was, rule }, after: { listener: found, rule: now } };
    });
    const problem = await opened(ctx, before.listener);
    if (problem !== undefined && before.listener.problem === undefined) {
      await restore(ctx, before, after);
      throw configuration(`The listener cannot be changed: ${problem}`);
    }
    return { Listeners: [shown(after.listener, after.rule?.actions ?? [])] };
  },
);

interface Kept {
  listener: Listener;
  rule: Rule | undefined;
}

/** Takes a change back, and nothing that has been changed since: certificates that were added stay. */
async function restore(ctx: ServiceContext, before: Kept, after: Kept): Promise<void> {
  const { arn, balancerArn } = before.listener;
  await ctx.transaction(async (tx) => {
    const found = await findListener(tx, arn);
    if (!found) return;
    const { port, protocol, sslPolicy, certificates } = before.listener;
    const added = found.certificates.filter((one) => !after.listener.certificates.includes(one));
    const all = certificates.length > 0 ? [...new Set([...certificates, ...added])] : [];
    await updateListener(tx, { ...found, port, protocol, sslPolicy, certificates: all });
    const rule = (await defaultRulesOf(tx, [arn])).get(arn);
    const ours = JSON.stringify(rule?.actions) === JSON.stringify(after.rule?.actions);
    if (rule && before.rule && ours)
      await updateRule(tx, { ...rule, actions: before.rule.actions }, balancerArn);
    await changed(ctx, tx, balancerArn);
  });
}

export const deleteListener = elbv2('deleteListener', atListener, async (ctx, _input, located) => {
  await ctx.transaction(async (tx) => {
    const found = await need(tx, listener, located);
    await deleteRow(tx, found.arn);
    await forgetUnused(tx, ctx);
    if (await findBalancer(tx, found.balancerArn)) await changed(ctx, tx, found.balancerArn);
  });
  return {};
});
