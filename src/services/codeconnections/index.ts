import * as client from '@aws-sdk/client-codestar-connections';
import { apiOf } from '../../aws/api.ts';
import { api as codeConnections } from '../../aws/apis/codeconnections.ts';
import { connectionOperations } from '../../aws/internal/connection-operations.ts';
import { defineService } from '../../kit/service.ts';
import { migrations } from './migrations/index.ts';
import * as archives from './operations/archives.ts';
import { operations } from './operations/index.ts';
import * as installations from './operations/installations.ts';
import { uploads } from './reconcilers/uploads.ts';
import { watches } from './reconcilers/watches.ts';
import { connection, host, link } from './resources/connection.ts';
import { routes } from './routes/index.ts';

const codeStarConnections = apiOf(client, { contract: 'codestar-connections' });

export default defineService({
  name: 'codeconnections',
  apis: [
    { api: codeConnections, operations },
    { api: codeStarConnections, operations },
    // What the console and other services ask: AWS has the permissions but publishes no API.
    {
      api: { ...codeStarConnections, operations: connectionOperations },
      operations: { ...archives, ...installations },
    },
  ],
  resources: [connection, host, link],
  migrations,
  reconcilers: [uploads, watches],
  routes,
});
