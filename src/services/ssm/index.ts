import * as client from '@aws-sdk/client-ssm';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { parameter } from './resources/parameter.ts';
import { routes } from './routes/index.ts';

// Who has it is in the session.
const api = apiOf(client, {
  record: { secrets: ['StartSessionResponse.TokenValue', 'ResumeSessionResponse.TokenValue'] },
});

export default defineService({
  name: 'ssm',
  apis: [{ api, operations }],
  resources: [parameter],
  migrations,
  routes,
});
