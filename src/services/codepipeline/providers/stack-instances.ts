import { defineActionType, requiredSetting } from './action-type.ts';
import { ActionFailure } from './failure.ts';
import {
  begin,
  cloudformation,
  lookAtOperation,
  OPERATION_KEYS,
  operationRules,
  parametersOf,
  preferencesOf,
  targetsOf,
} from './stack-set-operation.ts';

/** Instances of a stack set in these accounts and regions (CP-B16). */
export const cloudFormationStackInstances = defineActionType({
  categories: ['Deploy'],
  provider: 'CloudFormationStackInstances',
  inputs: [0, 3],
  outputs: [0, 0],
  timeoutMinutes: 60,
  configuration: [
    { name: 'StackSetName', required: true, key: true, description: 'The stack set.' },
    ...OPERATION_KEYS.map((key) => ({
      ...key,
      required: ['DeploymentTargets', 'Regions'].includes(key.name),
    })),
    {
      name: 'ParameterOverrides',
      description: 'Parameters of these instances, or ARTIFACT::FILE.',
    },
  ],
  rules: operationRules,
  outputVariables: ['OperationId', 'StackSetId'],
  links: { entity: { console: 'cloudformation', fragment: '/stacksets/{Config:StackSetName}' } },
  polls: true,

  async start(job) {
    const aws = await cloudformation(job);
    const targets = await targetsOf(job);
    if (!targets)
      throw new ActionFailure('ConfigurationError', 'The action names no accounts or no regions');
    const command = new aws.CreateStackInstancesCommand({
      ...{ ...targets, ...preferencesOf(job), StackSetName: requiredSetting(job, 'StackSetName') },
      ParameterOverrides: await parametersOf(job, 'ParameterOverrides'),
      OperationId: job.run.actionExecutionId,
    });
    return begin(job, 'createStackInstances', aws.client.send(command));
  },
  look: lookAtOperation,
});
