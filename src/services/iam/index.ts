import * as client from '@aws-sdk/client-iam';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { quotas } from './limits.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { provides } from './provides.ts';
import { role, user } from './resources/identity.ts';
import { instanceProfile } from './resources/instance-profile.ts';
import { policy } from './resources/policy.ts';
import { serverCertificate } from './resources/server-certificate.ts';

// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
const api = apiOf(client, { tokenSessions: { GetSessionToken: [], GetFederationToken: [] } });

export default defineService({
  name: 'iam',
  apis: [{ api, operations }],
  resources: [user, role, policy, instanceProfile, serverCertificate],
  migrations,
  quotas,
  provides,
});
