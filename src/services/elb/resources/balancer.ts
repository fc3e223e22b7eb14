import { at, byName, defineResource, type Named, on, tagObject } from '../../../kit/resource.ts';
import { type TagRules, tagsOf } from '../../../kit/tags.ts';
import { balancerNotFound, duplicateTags, invalid, tooManyTags } from '../errors.ts';
import { MAX_TAGS } from '../limits.ts';
import type { LoadBalancer } from '../model/things.ts';
import { findBalancer, updateBalancer } from '../store/balancers.ts';

export const TAG_RULES: TagRules = {
  most: MAX_TAGS,
  duplicate: duplicateTags,
  reserved: () => invalid('Tag keys that begin with aws: are reserved'),
  tooMany: tooManyTags,
};

const PREFIX = 'loadbalancer/';
const named = byName('elasticloadbalancing', PREFIX);

export const balancer = defineResource<string | undefined, Named, LoadBalancer>({
  type: 'AWS::ElasticLoadBalancing::LoadBalancer',
  locate: named.locate,
  // Those of the other API have a type and an id besides.
  parse: (arn) => (arn.resource.slice(PREFIX.length).includes('/') ? undefined : named.parse(arn)),
  find: (db, { arn }) => findBalancer(db, arn),
  notFound: ({ name }) => balancerNotFound(name),
  tags: {
    of: ({ tags }) => tagsOf(tags),
    save: (tx, found, tags) => updateBalancer(tx, { ...found, tags: tagObject(tags) }),
    rules: () => TAG_RULES,
  },
});

interface ByName {
  LoadBalancerName: string | undefined;
}
const pick = ({ LoadBalancerName }: ByName) => LoadBalancerName;

export const onBalancer = on(balancer, pick);
export const atBalancer = at(balancer, pick);
