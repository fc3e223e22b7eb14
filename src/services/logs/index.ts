import * as client from '@aws-sdk/client-cloudwatch-logs';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { exportTask } from './reconcilers/export.ts';
import { metrics } from './reconcilers/metrics.ts';
import { purge } from './reconcilers/purge.ts';
import { query } from './reconcilers/query.ts';
import { subscription } from './reconcilers/subscription.ts';
import { destination } from './resources/destination.ts';
import { logGroup } from './resources/log-group.ts';

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html#API_CreateLogGroup_Errors
const api = apiOf(client, {
  validation: 'InvalidParameterException',
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/logging_cw_api_calls_cwl.html
  record: { data: ['FilterLogEvents', 'GetLogEvents', 'PutLogEvents'] },
});

export default defineService({
  name: 'logs',
  apis: [{ api, operations }],
  resources: [logGroup, destination],
  migrations,
  reconcilers: [exportTask, metrics, purge, query, subscription],
});
