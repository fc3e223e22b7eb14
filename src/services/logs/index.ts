import * as client from '@aws-sdk/client-cloudwatch-logs';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../service.ts';
import { logs } from './migrations/0001-logs.ts';
import { sealedChunks } from './migrations/0002-sealed-chunks.ts';
import { operations } from './operations/index.ts';
import { purge } from './reconcilers/purge.ts';

export default defineService({
  name: 'logs',
  apis: [{ api: apiOf(client), operations }],
  migrations: [logs, sealedChunks],
  reconcilers: [purge],
});
