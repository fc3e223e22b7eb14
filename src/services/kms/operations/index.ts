import { operationsIn } from '../../../kit/operation.ts';
import * as aliases from './aliases.ts';
import * as crypto from './crypto.ts';
import * as grants from './grants.ts';
import * as keys from './keys.ts';
import * as policies from './policies.ts';
import * as tags from './tags.ts';

export const operations = operationsIn(aliases, crypto, grants, keys, policies, tags);
