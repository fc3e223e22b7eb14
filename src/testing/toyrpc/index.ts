import { apiOf } from '../../aws/api.ts';
import { json10 } from '../../aws/protocols/json.ts';
import { query } from '../../aws/protocols/query.ts';
import { rpcV2Cbor } from '../../aws/protocols/rpc-v2-cbor.ts';
import { defineService } from '../../kit/service.ts';
import * as client from './client.ts';
import { operations } from './operations/index.ts';

export default defineService({
  name: 'toyrpc',
  apis: [{ api: apiOf(client, { protocols: [rpcV2Cbor, json10, query] }), operations }],
  migrations: [],
});
