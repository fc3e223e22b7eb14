import * as client from '@aws-sdk/client-codepipeline';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../service.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';

export default defineService({
  name: 'codepipeline',
  apis: [{ api: apiOf(client), operations }],
  migrations,
});
