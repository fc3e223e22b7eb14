import * as client from '@aws-sdk/client-cloudwatch-logs';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { logs } from './migrations/0001-logs.ts';
import { sealedChunks } from './migrations/0002-sealed-chunks.ts';
import { operations } from './operations/index.ts';
import { purge } from './reconcilers/purge.ts';
import { tagsOf } from './resources/tags.ts';

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html#API_CreateLogGroup_Errors
const api = apiOf(client, { validation: 'InvalidParameterException' });

export default defineService({
  name: 'logs',
  apis: [{ api, operations }],
  tagsOf,
  migrations: [logs, sealedChunks],
  reconcilers: [purge],
});
