import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import * as client from './client.ts';
import { operations } from './operations/index.ts';

export default defineService({
  name: 'toyrest',
  apis: [{ api: apiOf(client), operations }],
  migrations: [],
});
