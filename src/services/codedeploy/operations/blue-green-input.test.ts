import type { BlueGreenDeploymentConfiguration } from '@aws-sdk/client-codedeploy';
import { expect, test } from 'vitest';
import { checkEcsBlueGreen, checkServerBlueGreen } from './blue-green-input.ts';

const stops = (waitTimeInMinutes?: number): BlueGreenDeploymentConfiguration => ({
  deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes },
});
const copies = {
  greenFleetProvisioningOption: { action: 'COPY_AUTO_SCALING_GROUP' as const },
};

test.each([
  ['two days', stops(2880), true, true],
  ['longer than servers may wait', stops(2881), false, true],
  ['five days', stops(7200), false, true],
  ['longer', stops(7201), false, false],
  ['no time', stops(), true, false],
  ['parts of minutes', stops(0.5), false, false],
  [
    'a time for nothing',
    {
      deploymentReadyOption: {
        actionOnTimeout: 'CONTINUE_DEPLOYMENT' as const,
        waitTimeInMinutes: 5,
      },
    },
    false,
    false,
  ],
  ['a fleet', copies, true, false],
  [
    'what is kept',
    { terminateBlueInstancesOnDeploymentSuccess: { action: 'KEEP_ALIVE' as const } },
    true,
    false,
  ],
  ['what nobody knows', { greenFleetProvisioningOption: { action: 'BUY' as never } }, false, false],
])('CD-DGF-11, CD-LCE-04: %s', (_words, given, server, ecs) => {
  const takes = (check: (given: BlueGreenDeploymentConfiguration) => unknown) => {
    try {
      check(given);
      return true;
    } catch (error) {
      expect((error as Error).name).toBe('InvalidBlueGreenDeploymentConfigurationException');
      return false;
    }
  };
  expect([takes(checkServerBlueGreen), takes(checkEcsBlueGreen)]).toEqual([server, ecs]);
});
