import { operationsIn } from '../../../kit/operation.ts';
import * as confirmation from './confirmation.ts';
import * as permissions from './permissions.ts';
import * as publish from './publish.ts';
import * as subscriptionAttributes from './subscription-attributes.ts';
import * as subscriptions from './subscriptions.ts';
import * as tags from './tags.ts';
import * as topics from './topics.ts';

export const operations = operationsIn(
  confirmation,
  permissions,
  publish,
  subscriptionAttributes,
  subscriptions,
  tags,
  topics,
);
