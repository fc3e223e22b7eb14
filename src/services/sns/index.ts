import * as client from '@aws-sdk/client-sns';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { quotas } from './limits.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { deliverAgain, deliverInside, deliverOutside } from './reconcilers/deliver.ts';
import { expire } from './reconcilers/expire.ts';
import { topic } from './resources/topic.ts';
import { routes } from './routes/index.ts';

const api = apiOf(client, {
  // https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html
  refusals: { code: 'AuthorizationError', prefix: 'SNS' },
  record: {
    data: ['Publish', 'PublishBatch'],
    secrets: ['ConfirmSubscriptionInput.Token'],
  },
});

export default defineService({
  name: 'sns',
  apis: [{ api, operations }],
  resources: [topic],
  migrations,
  reconcilers: [deliverInside, deliverOutside, deliverAgain, expire],
  routes,
  quotas,
});
