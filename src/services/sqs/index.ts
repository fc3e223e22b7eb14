import * as client from '@aws-sdk/client-sqs';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { commonErrors } from './errors.ts';
import { facts } from './facts.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { clean } from './reconcilers/clean.ts';
import { move } from './reconcilers/move.ts';
import { queue } from './resources/queue.ts';

const api = apiOf(client, facts);

export default defineService({
  name: 'sqs',
  apis: [{ api: { ...api, errors: { ...api.errors, ...commonErrors } }, operations }],
  resources: [queue],
  migrations,
  reconcilers: [clean, move],
});
