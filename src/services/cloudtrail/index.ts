import * as client from '@aws-sdk/client-cloudtrail';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { provides } from './provides.ts';
import { merge } from './reconcilers/merge.ts';
import { purge } from './reconcilers/purge.ts';

// `InvalidMaxResultsException`, `InvalidLookupAttributesException` …: it has an error for each member.
const api = apiOf(client, { validation: 'self' });

export default defineService({
  name: 'cloudtrail',
  apis: [{ api, operations }],
  migrations,
  reconcilers: [merge, purge],
  provides,
});
