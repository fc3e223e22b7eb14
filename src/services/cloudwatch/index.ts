import * as client from '@aws-sdk/client-cloudwatch';
import { apiOf } from '../../aws/api.ts';
import { json10 } from '../../aws/protocols/json.ts';
import { query } from '../../aws/protocols/query.ts';
import { rpcV2Cbor } from '../../aws/protocols/rpc-v2-cbor.ts';
import { defineService } from '../../kit/service.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { action } from './reconcilers/action.ts';
import { composites } from './reconcilers/composites.ts';
import { retention } from './reconcilers/retention.ts';
import { wheel } from './reconcilers/wheel.ts';
import { alarm } from './resources/alarm.ts';
import { dashboard } from './resources/dashboard.ts';
import { muteRule } from './resources/mute-rule.ts';

const api = apiOf(client, {
  protocols: [rpcV2Cbor, json10, query],
  validation: 'ValidationError',
  record: { data: ['PutMetricData', 'GetMetricData', 'GetMetricStatistics'] },
});

export default defineService({
  name: 'cloudwatch',
  apis: [{ api, operations }],
  resources: [alarm, dashboard, muteRule],
  migrations,
  reconcilers: [action, composites, retention, wheel],
});
