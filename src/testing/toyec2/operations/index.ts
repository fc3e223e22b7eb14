import { operationsIn } from '../../../kit/operation.ts';
import * as things from './things.ts';

export const operations = operationsIn(things);
