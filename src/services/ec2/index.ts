import * as client from '@aws-sdk/client-ec2';
import { apiOf } from '../../aws/api.ts';
import { defineService } from '../../kit/service.ts';
import { migrations } from './migrations/index.ts';
import { operations } from './operations/index.ts';
import { computeReconciler } from './reconcilers/compute.ts';
import { instanceReconciler } from './reconcilers/instance.ts';
import { placesReconciler } from './reconcilers/places.ts';
import { instance } from './resources/instance.ts';
import { launchTemplate } from './resources/launch-template.ts';
import { securityGroup } from './resources/security-group.ts';
import { routes } from './routes/index.ts';

// Whatever user data says may be a secret.
const api = apiOf(client, {
  record: {
    secrets: [
      'RunInstancesRequest.UserData',
      'RequestLaunchTemplateData.UserData',
      'BlobAttributeValue.Value',
    ],
  },
});

export default defineService({
  name: 'ec2',
  apis: [{ api, operations }],
  resources: [instance, launchTemplate, securityGroup],
  migrations,
  routes,
  reconcilers: [instanceReconciler, computeReconciler, placesReconciler],
});
