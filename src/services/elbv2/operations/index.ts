import { operationsIn } from '../../../kit/operation.ts';
import * as account from './account.ts';
import * as attributes from './attributes.ts';
import * as certificates from './certificates.ts';
import * as listeners from './listeners.ts';
import * as loadBalancers from './load-balancers.ts';
import * as rules from './rules.ts';
import * as tags from './tags.ts';
import * as targetGroups from './target-groups.ts';
import * as targets from './targets.ts';

export const operations = operationsIn(
  account,
  attributes,
  certificates,
  listeners,
  loadBalancers,
  rules,
  tags,
  targetGroups,
  targets,
);
