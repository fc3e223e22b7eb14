import { expect, test } from 'vitest';
import {
  deploymentMessage,
  happeningOf,
  instanceMessage,
  subjectOf,
  TRIGGER_EVENTS,
  triggersOn,
} from './triggers.ts';

const trigger = { triggerName: 'Trigger-group-us-west-3-deploy-failed' };
const deployment = {
  region: 'us-west-1',
  accountId: '111222333444',
  deploymentId: 'd-75I7MBT7C',
  applicationName: 'ProductionApp-us-west-3',
  groupName: 'dep-group-def-456',
  status: 'Failed',
  createdAt: 1446744188595,
  completedAt: 1446744190595,
};

test('CD-EVT-03: what is told of a deployment, as AWS documents it', () => {
  const errorInformation = {
    code: 'IAM_ROLE_MISSING' as const,
    message: 'IAM Role is missing for deployment group: dep-group-def-456',
  };
  const counts = new Map([['Failed', 10]]);
  const told = deploymentMessage(trigger, { ...deployment, errorInformation }, counts);
  expect(JSON.parse(JSON.stringify(told))).toEqual({
    region: 'us-west-1',
    accountId: '111222333444',
    eventTriggerName: 'Trigger-group-us-west-3-deploy-failed',
    applicationName: 'ProductionApp-us-west-3',
    deploymentId: 'd-75I7MBT7C',
    deploymentGroupName: 'dep-group-def-456',
    createTime: '1446744188.595',
    completeTime: '1446744190.595',
    deploymentOverview: {
      ...{ Failed: '10', InProgress: '0', Pending: '0', Skipped: '0', Succeeded: '0' },
    },
    status: 'Failed',
    errorInformation: {
      ErrorCode: 'IAM_ROLE_MISSING',
      ErrorMessage: 'IAM Role is missing for deployment group: dep-group-def-456',
    },
  });
  const rolledBack = { ...deployment, rollbackInfo: { rollbackDeploymentId: 'd-2' } };
  expect(deploymentMessage(trigger, rolledBack, new Map())).toMatchObject({
    rollbackInformation: { RollbackDeploymentId: 'd-2' },
  });
});

test('CD-EVT-02: what is told of an instance, as AWS documents it', () => {
  const told = instanceMessage(trigger, deployment, {
    arn: 'arn:aws:ec2:us-east-2:444455556666:instance/i-496589f7',
    ...{ status: 'Succeeded', updatedAt: 1446744207564 },
    events: [
      {
        ...{ name: 'ApplicationStop', status: 'Succeeded' },
        ...{ startedAt: 1446744188595, endedAt: 1446744188711 },
      },
      { name: 'BeforeInstall', status: 'Pending' },
    ],
  });
  expect(JSON.parse(JSON.stringify(told))).toEqual({
    region: 'us-west-1',
    accountId: '111222333444',
    eventTriggerName: 'Trigger-group-us-west-3-deploy-failed',
    deploymentId: 'd-75I7MBT7C',
    instanceId: 'arn:aws:ec2:us-east-2:444455556666:instance/i-496589f7',
    lastUpdatedAt: '1446744207.564',
    instanceStatus: 'Succeeded',
    lifecycleEvents: [
      {
        ...{ LifecycleEvent: 'ApplicationStop', LifecycleEventStatus: 'Succeeded' },
        ...{ StartTime: '1446744188.595', EndTime: '1446744188.711' },
      },
      { LifecycleEvent: 'BeforeInstall', LifecycleEventStatus: 'Pending' },
    ],
  });
});

test('CD-DGF-08: what of a deployment triggers tell of', () => {
  const ofDeployment = (['START', 'SUCCESS', 'FAILURE', 'STOP'] as const).map((state) =>
    happeningOf({ type: 'notify', subject: 'deployment', state }),
  );
  const ofInstance = (['START', 'SUCCESS', 'FAILURE'] as const).map((state) =>
    happeningOf({ type: 'notify', subject: 'instance', name: 'one', state }),
  );
  const happenings = [...ofDeployment, happeningOf({ type: 'rollback' }), ...ofInstance];
  expect(happenings.map((each) => each?.event)).toEqual(
    [...TRIGGER_EVENTS].filter((event) => !event.endsWith('Ready')),
  );
  expect(ofInstance[0]?.instance).toBe('one');
  expect(happeningOf({ type: 'noRollback', message: '' })).toBeUndefined();
  const triggers = [
    { triggerName: 'a', triggerEvents: ['DeploymentStart' as const] },
    { triggerName: 'b' },
  ];
  expect(triggersOn(triggers, 'DeploymentStart')).toEqual([triggers[0]]);
});

test('CD-EVT-03: a subject is as long as SNS takes it', () => {
  expect(subjectOf('Succeeded', deployment)).toBe(
    'SUCCEEDED: AWS CodeDeploy d-75I7MBT7C in us-west-1 to ProductionApp-us-west-3',
  );
  const applicationName = 'x'.repeat(100);
  expect(subjectOf('Succeeded', { ...deployment, applicationName })).toHaveLength(100);
});
