import * as client from '@aws-sdk/client-ssm';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { parameter } from './resources/parameter.ts';

export default defineService({
  name: 'ssm',
  apis: [{ api: apiOf(client), operations }],
  resources: [parameter],
  migrations,
});
