import type { TrafficSourceIdentifier } from '@aws-sdk/client-auto-scaling';
import { parseArn } from '../../../aws/arn.ts';
import { unsupported } from '../../../aws/errors.ts';
import { invalid } from '../errors.ts';

/** Target groups that a call names, by themselves or as sources of traffic. */
export function targetsSaid(
  arns: readonly string[] = [],
  sources: readonly TrafficSourceIdentifier[] = [],
): string[] {
  const all = [...arns, ...sources.map(targetOf)];
  for (const arn of all) {
    const { service, resource = '' } = parseArn(arn) ?? {};
    if (service !== 'elasticloadbalancing' || !resource.startsWith('targetgroup/'))
      throw invalid(`The target group ARN '${arn}' is not valid`);
  }
  return [...new Set(all)];
}

function targetOf({ Identifier = '', Type }: TrafficSourceIdentifier): string {
  if (Type === 'elb' || (Type === undefined && !Identifier.startsWith('arn:')))
    throw unsupported('classic load balancers as sources of traffic');
  if (Type === 'vpc-lattice' || Identifier.startsWith('arn:aws:vpc-lattice'))
    throw unsupported('VPC Lattice as a source of traffic');
  return Identifier;
}
