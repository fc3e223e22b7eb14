import {
  type AnyResource,
  at,
  defineResource,
  type Located,
  on,
  tagObject,
} from '../../../kit/resource.ts';
import { type TagRules, tagsOf } from '../../../kit/tags.ts';
import {
  balancerNotFound,
  duplicateTags,
  groupNotFound,
  invalid,
  invalidArn,
  listenerNotFound,
  ruleNotFound,
  tooManyTags,
} from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import { type Kind, locatedAt, locatedOf } from '../model/arns.ts';
import type { Listener, LoadBalancer, Rule, TargetGroup } from '../model/things.ts';
import { findBalancer, updateBalancer } from '../store/balancers.ts';
import { findGroup, updateGroup } from '../store/groups.ts';
import { findListener, findRule, updateListener, updateRule } from '../store/listeners.ts';

export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  duplicate: duplicateTags,
  reserved: () => invalid('Tag keys that begin with aws: are reserved'),
  tooMany: tooManyTags,
};

const common = (kind: Kind, noun: string) => ({
  locate(_caller: unknown, named: string | undefined = ''): Located {
    const found = locatedOf(kind, named);
    if (!found) throw invalidArn(named, noun);
    return found;
  },
  parse: (arn: Parameters<typeof locatedAt>[1]) => locatedAt(kind, arn),
});

const tagsWith = <T extends { tags: Record<string, string> }>(
  save: (tx: Parameters<typeof updateGroup>[0], thing: T) => Promise<void>,
) => ({
  of: ({ tags }: T) => tagsOf(tags),
  save: (tx: Parameters<typeof updateGroup>[0], thing: T, tags: ReadonlyMap<string, string>) =>
    save(tx, { ...thing, tags: tagObject(tags) }),
  rules: () => TAG_RULES,
});

export const balancer = defineResource<string | undefined, Located, LoadBalancer>({
  type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  ...common('balancer', 'load balancer'),
  find: (db, { arn }) => findBalancer(db, arn),
  notFound: ({ arn }) => balancerNotFound(arn),
  tags: tagsWith(updateBalancer),
});

export const group = defineResource<string | undefined, Located, TargetGroup>({
  type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
  ...common('group', 'target group'),
  find: (db, { arn }) => findGroup(db, arn),
  notFound: groupNotFound,
  tags: tagsWith(updateGroup),
});

export const listener = defineResource<string | undefined, Located, Listener>({
  type: 'AWS::ElasticLoadBalancingV2::Listener',
  ...common('listener', 'listener'),
  find: (db, { arn }) => findListener(db, arn),
  notFound: listenerNotFound,
  tags: tagsWith(updateListener),
});

export const rule = defineResource<string | undefined, Located, Rule>({
  type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
  ...common('rule', 'listener rule'),
  find: (db, { arn }) => findRule(db, arn),
  notFound: ruleNotFound,
  tags: tagsWith(async (tx, found) => {
    const of = await findListener(tx, found.listenerArn);
    if (of) await updateRule(tx, found, of.balancerArn);
  }),
});

const byBalancer = ({ LoadBalancerArn }: { LoadBalancerArn: string | undefined }) =>
  LoadBalancerArn;
const byGroup = ({ TargetGroupArn }: { TargetGroupArn: string | undefined }) => TargetGroupArn;
const byListener = ({ ListenerArn }: { ListenerArn: string | undefined }) => ListenerArn;

/** Rules of operations that name one. */
export const onBalancer = on(balancer, byBalancer);
export const atBalancer = at(balancer, byBalancer);
export const onGroup = on(group, byGroup);
export const atGroup = at(group, byGroup);
export const onListener = on(listener, byListener);
export const atListener = at(listener, byListener);

export const kinds: AnyResource[] = [balancer, group, listener, rule];
