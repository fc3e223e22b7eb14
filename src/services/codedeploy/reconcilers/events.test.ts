import { expect, it } from 'vitest';
import type { PlacedDeployment } from '../store/deployments.ts';
import { deploymentEvent, instanceEvent } from './events.ts';

// https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-codedeploy.html

const deployment = {
  accountId: '123456789012',
  region: 'us-east-1',
  applicationName: 'myApplication',
  groupName: 'myDeploymentGroup',
  groupId: '9fd2fbef-2157-40d8-91e7-6845af69e2d2',
  deploymentId: 'd-123456789',
} as PlacedDeployment;

const place = { source: 'aws.codedeploy', account: '123456789012', region: 'us-east-1' };
const ARN = 'arn:aws:codedeploy:us-east-1:123456789012';
const detail = {
  instanceGroupId: '9fd2fbef-2157-40d8-91e7-6845af69e2d2',
  region: 'us-east-1',
  application: 'myApplication',
  deploymentId: 'd-123456789',
  deploymentGroup: 'myDeploymentGroup',
};

it.each(['START', 'SUCCESS', 'FAILURE', 'STOP', 'READY'] as const)(
  'CD-EVT-01: a deployment that is %s',
  (state) => {
    expect(deploymentEvent(deployment, state)).toEqual({
      ...place,
      'detail-type': 'CodeDeploy Deployment State-change Notification',
      resources: [
        `${ARN}:application:myApplication`,
        `${ARN}:deploymentgroup:myApplication/myDeploymentGroup`,
      ],
      detail: { ...detail, state },
    });
  },
);

it.each(['START', 'SUCCESS', 'FAILURE', 'READY'] as const)(
  'CD-EVT-01: an instance that is %s',
  (state) => {
    expect(instanceEvent(deployment, 'web-1', state)).toEqual({
      ...place,
      'detail-type': 'CodeDeploy Instance State-change Notification',
      resources: [
        `${ARN}:instance/web-1`,
        `${ARN}:deploymentgroup:myApplication/myDeploymentGroup`,
        `${ARN}:application:myApplication`,
      ],
      detail: { ...detail, instanceId: 'web-1', state },
    });
  },
);
