import * as client from '@aws-sdk/client-codebuild';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../service.ts';
import { operations } from './operations/index.ts';

export default defineService({
  name: 'codebuild',
  apis: [{ api: apiOf(client), operations }],
  migrations: [],
});
