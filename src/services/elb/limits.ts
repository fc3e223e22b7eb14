import type { QuotaCatalogue } from '../../kit/quotas.ts';

// https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-limits.html
export const BALANCERS = {
  code: 'L-E9E9831D',
  name: 'Classic Load Balancers per Region',
  value: 20,
};

export const quotas: QuotaCatalogue = {
  serviceName: 'Elastic Load Balancing (ELB), Classic',
  quotas: [BALANCERS],
};

export const MAX_LISTENERS = 100;
export const MAX_INSTANCES = 1000;
export const MAX_POLICIES = 100;
export const MAX_TAGS = 10;
