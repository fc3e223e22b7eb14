import { operationsIn } from '../../../kit/operation.ts';
import * as attributes from './attributes.ts';
import * as deadLetters from './dead-letters.ts';
import * as moves from './moves.ts';
import * as queues from './queues.ts';
import * as receive from './receive.ts';
import * as received from './received.ts';
import * as send from './send.ts';
import * as tags from './tags.ts';

export const operations = operationsIn(
  attributes,
  deadLetters,
  moves,
  queues,
  receive,
  received,
  send,
  tags,
);
