import { operationsIn } from '../../../kit/operation.ts';
import * as quotas from './quotas.ts';
import * as requests from './requests.ts';
import * as tags from './tags.ts';

export const operations = operationsIn(quotas, requests, tags);
