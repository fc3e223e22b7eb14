import { operationsIn } from '../../../kit/operation.ts';
import * as deletion from './delete.ts';
import * as describe from './describe.ts';
import * as get from './get.ts';
import * as labels from './labels.ts';
import * as put from './put.ts';
import * as tags from './tags.ts';

export const operations = operationsIn(deletion, describe, get, labels, put, tags);
