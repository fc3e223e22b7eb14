import * as client from '@aws-sdk/client-sts';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../service.ts';
import { operations } from './operations/index.ts';

const api = apiOf(client);

/** Stateless: a session lives in its own sealed token. */
export default defineService({
  name: 'sts',
  apis: [{ api, operations }],
  migrations: [],
});
