import { operationsIn } from '../../../kit/operation.ts';
import * as account from './account.ts';
import * as attributes from './attributes.ts';
import * as instances from './instances.ts';
import * as listeners from './listeners.ts';
import * as loadBalancers from './load-balancers.ts';
import * as network from './network.ts';
import * as policies from './policies.ts';
import * as tags from './tags.ts';

export const operations = operationsIn(
  account,
  attributes,
  instances,
  listeners,
  loadBalancers,
  network,
  policies,
  tags,
);
