import * as client from '@aws-sdk/client-sts';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { operations } from './operations/index.ts';

const api = apiOf(client, {
  record: { readOnly: ['AssumeRole'] },
  // https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html and API_GetFederationToken.html
  tokenSessions: {
    GetSessionToken: ['AssumeRole', 'GetCallerIdentity'],
    GetFederationToken: ['GetCallerIdentity'],
  },
});

/** Stateless: a session lives in its own sealed token. */
export default defineService({
  name: 'sts',
  apis: [{ api, operations }],
  migrations: [],
});
