import { operationsIn } from '../../../kit/operation.ts';
import * as aliases from './aliases.ts';
import * as crypto from './crypto.ts';
import * as keys from './keys.ts';
import * as policies from './policies.ts';
import * as tags from './tags.ts';

export const operations = operationsIn(aliases, crypto, keys, policies, tags);
