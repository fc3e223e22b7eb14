import { parseArn } from '../../../aws/arn.ts';
import { type AnyResource, defineResource, type Located } from '../../../kit/resource.ts';
import { invalidArn } from '../errors.ts';
import { kinds } from './kinds.ts';

interface LocatedAny extends Located {
  kind: AnyResource;
}

const kindOf = (arn: string) => {
  const parsed = parseArn(arn);
  return parsed && kinds.find((one) => one.parse(parsed));
};

/** What operations on tags name: a resource of any kind. */
export const anything = defineResource<string, LocatedAny, object>({
  type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  typeOf: ({ kind }) => kind.type,
  locate(caller, named) {
    const kind = kindOf(named);
    if (!kind) throw invalidArn(named, 'load balancer');
    return { ...kind.locate(caller, named), kind };
  },
  parse: () => undefined,
  find: (db, located) => located.kind.find(db, located),
  notFound: (located) => located.kind.notFound(located),
});
