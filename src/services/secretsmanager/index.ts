import * as client from '@aws-sdk/client-secrets-manager';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { deleteSecret } from './reconcilers/delete-secret.ts';
import { secret } from './resources/secret.ts';

export default defineService({
  name: 'secretsmanager',
  apis: [{ api: apiOf(client), operations }],
  resources: [secret],
  migrations,
  reconcilers: [deleteSecret],
});
