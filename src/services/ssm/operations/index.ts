import { operationsIn } from '../../../kit/operation.ts';
import * as deletion from './deletion.ts';
import * as descriptions from './descriptions.ts';
import * as labels from './labels.ts';
import * as parameters from './parameters.ts';
import * as sessions from './sessions.ts';
import * as tags from './tags.ts';
import * as values from './values.ts';

export const operations = operationsIn(
  deletion,
  descriptions,
  labels,
  parameters,
  sessions,
  tags,
  values,
);
