import type { QuotaCatalogue } from '../../kit/quotas.ts';

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
export const APPLICATION_BALANCERS = {
  code: 'L-53DA6B97',
  name: 'Application Load Balancers per Region',
  value: 50,
};
export const NETWORK_BALANCERS = {
  code: 'L-69A177A2',
  name: 'Network Load Balancers per Region',
  value: 50,
};
export const GROUPS = { code: 'L-B22855CB', name: 'Target Groups per Region', value: 3000 };

export const quotas: QuotaCatalogue = {
  serviceName: 'Elastic Load Balancing (ELB)',
  quotas: [APPLICATION_BALANCERS, NETWORK_BALANCERS, GROUPS],
};

export const MAX_LISTENERS = 50;
/** Of a listener, without the default rule. */
export const MAX_RULES = 100;
export const MAX_TARGETS = 1000;
export const MAX_TAGS = 50;
/** Of a listener, beside the default one. */
export const MAX_CERTIFICATES = 25;
/** Wildcards and values of a rule's conditions. */
export const MAX_CONDITION_VALUES = 5;
export const MAX_WILDCARDS = 6;
export const MAX_GROUPS_OF_ACTION = 5;
