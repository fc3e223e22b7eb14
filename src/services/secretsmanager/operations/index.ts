import { operationsIn } from '../../../kit/operation.ts';
import * as deletion from './deletion.ts';
import * as lists from './lists.ts';
import * as policies from './policies.ts';
import * as secrets from './secrets.ts';
import * as stages from './stages.ts';
import * as tags from './tags.ts';
import * as values from './values.ts';

export const operations = operationsIn(deletion, lists, policies, secrets, stages, tags, values);
