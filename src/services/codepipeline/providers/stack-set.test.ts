import * as client from '@aws-sdk/client-cloudformation';
import { afterEach, expect, it } from 'vitest';
import { refused } from '../../../testing/upstream.ts';
import { cloudFormationStackInstances } from './stack-instances.ts';
import { cloudFormationStackSet } from './stack-set.ts';
import { type Bench, bench, outcomeOf } from './testing.ts';

let aws: Bench;
afterEach(() => aws.close());
const input = (name: string) => aws.calls.find(({ operation }) => operation === name)?.input;
const inputs = {
  Infra: {
    'set.yaml': 'Resources: {}',
    'parameters.json': '[{"ParameterKey":"Size","ParameterValue":"2"}]',
    'accounts.json': '["111122223333"]',
  },
};
const succeeded = () => ({ StackSetOperation: { Status: 'SUCCEEDED', StackSetId: 'web:1' } });

it('CP-B15: a new stack set gets its instances', async () => {
  aws = await bench([client], {
    DescribeStackSet: () => refused('StackSetNotFoundException', 'none', 404),
    CreateStackSet: () => ({ StackSetId: 'web:1' }),
    CreateStackInstances: () => refused('OperationIdAlreadyExistsException', 'begun before', 409),
    DescribeStackSetOperation: succeeded,
  });
  const configuration = {
    ...{ StackSetName: 'web', TemplatePath: 'Infra::set.yaml' },
    Parameters: 'ParameterKey=Name,ParameterValue=a=b c ParameterKey=Size,UsePreviousValue=true',
    ...{ PermissionModel: 'SERVICE_MANAGED', OrganizationsAutoDeployment: 'Enabled' },
    ...{ DeploymentTargets: 'Infra::accounts.json', Regions: 'us-east-1,eu-west-1' },
    FailureTolerancePercentage: '0',
  };
  const end = await outcomeOf(aws, cloudFormationStackSet, { configuration, inputs });
  expect(end).toMatchObject({
    state: 'succeeded',
    outputVariables: { OperationId: '11111111-2222-4333-8444-555555555555', StackSetId: 'web:1' },
  });
  expect(input('CreateStackSet')).toMatchObject({
    ...{ TemplateBody: 'Resources: {}', PermissionModel: 'SERVICE_MANAGED' },
    AutoDeployment: { Enabled: true, RetainStacksOnAccountRemoval: false },
    Parameters: [
      { ParameterKey: 'Name', ParameterValue: 'a=b c' },
      { ParameterKey: 'Size', UsePreviousValue: true },
    ],
  });
  expect(input('CreateStackInstances')).toMatchObject({
    DeploymentTargets: { Accounts: ['111122223333'] },
    Regions: ['us-east-1', 'eu-west-1'],
    OperationPreferences: { FailureTolerancePercentage: 0 },
  });
});

it('CP-B16: instances with parameters of their own; what is no target is refused', async () => {
  aws = await bench([client], {
    CreateStackInstances: () => ({ OperationId: 'op' }),
    DescribeStackSetOperation: succeeded,
  });
  const configuration = {
    ...{ StackSetName: 'web', DeploymentTargets: 'ou-a1,r-b2', Regions: 'us-east-1' },
    ParameterOverrides: 'Infra::parameters.json',
  };
  await outcomeOf(aws, cloudFormationStackInstances, { configuration, inputs });
  expect(input('CreateStackInstances')).toMatchObject({
    DeploymentTargets: { OrganizationalUnitIds: ['ou-a1', 'r-b2'] },
    ParameterOverrides: [{ ParameterKey: 'Size', ParameterValue: '2' }],
  });
  const wrong = { ...configuration, DeploymentTargets: 'somewhere' };
  await expect(
    outcomeOf(aws, cloudFormationStackInstances, { configuration: wrong, inputs }),
  ).rejects.toThrow('it must be accounts or organizational units');
});
