import {
  GetAliasCommand,
  InvokeCommand,
  LambdaClient,
  UpdateAliasCommand,
} from '@aws-sdk/client-lambda';
import { isAwsError } from '../../../../aws/errors.ts';
import * as messages from '../../model/messages.ts';
import type { Call, LambdaPlan } from '../../model/strategies/shift-state.ts';
import { appSpecOf } from './appspec.ts';
import { type Answer, asked, type Outside, Refused, type ShiftDriver } from './driver.ts';

const AGAIN_MS = 1000;
const OF_ALIAS = { service: 'AWSLambda', code: 'INVALID_LAMBDA_CONFIGURATION' } as const;

export const lambdaDriver: ShiftDriver = {
  async perform(outside, call) {
    if (call.type === 'resolve') return { done: { plan: await resolve(outside) } };
    if (call.type === 'route') return route(outside, call.percent);
    throw new Error(`A deployment to Lambda has no ${call.type}.`);
  },
};

/** The alias must be there, and lead to the version that the AppSpec says is current (CD-LCL-02). */
async function resolve(outside: Outside): Promise<LambdaPlan> {
  const spec = await appSpecOf(outside);
  if (spec.platform !== 'Lambda') throw new Error('An AppSpec of another platform was read.');
  const { FunctionVersion: version } = await findAlias(outside, spec);
  if (version !== spec.current)
    throw new Refused(
      OF_ALIAS.code,
      messages.otherVersion(spec.alias, String(version), spec.current),
    );
  return spec;
}

async function findAlias(
  outside: Outside,
  { functionName, alias }: Pick<LambdaPlan, 'functionName' | 'alias'>,
) {
  const lambda = outside.client(LambdaClient);
  const found = { FunctionName: functionName, Name: alias };
  const of = { service: 'AWSLambda', code: 'INVALID_LAMBDA_FUNCTION' } as const;
  return asked(outside, of, lambda.send(new GetAliasCommand(found)));
}

/** Sets the alias's weights. With all or nothing it has none, and leads to one version alone. */
async function route(outside: Outside, percent: number): Promise<Answer> {
  const { functionName, alias, current, target } = outside.shift.plan as LambdaPlan;
  const { FunctionVersion: version, RevisionId } = await findAlias(outside, {
    functionName,
    alias,
  });
  // Somebody else has led it elsewhere: that is not undone.
  if (version !== current && version !== target)
    throw new Refused(OF_ALIAS.code, messages.otherVersion(alias, String(version), current));
  const shared = percent > 0 && percent < 100;
  const request = new UpdateAliasCommand({
    ...{ FunctionName: functionName, Name: alias },
    FunctionVersion: percent === 100 ? target : current,
    RoutingConfig: { AdditionalVersionWeights: shared ? { [target]: percent / 100 } : {} },
    ...(RevisionId && { RevisionId }),
  });
  const sent = outside.client(LambdaClient).send(request);
  const isDone = await asked(outside, OF_ALIAS, sent.then(() => true).catch(mayBeAgain));
  if (isDone) return { done: { weight: percent } };
  return { again: outside.platform.clock.now().getTime() + AGAIN_MS, seen: {} };
}

/** Somebody was quicker, maybe this very call whose answer was lost: what the alias is by then decides. */
function mayBeAgain(error: unknown): false {
  if (isAwsError(error, 'PreconditionFailedException', 'ResourceConflictException')) return false;
  throw error;
}

/** Tells the function of a hook what it is to validate; it answers by PutLifecycleEventHookExecutionStatus (CD-LCL-03). */
export async function invokeHook(
  outside: Outside,
  { functionName, executionId }: Extract<Call, { type: 'invoke' }>,
): Promise<Answer> {
  const { deploymentId } = outside.deployment;
  const event = { DeploymentId: deploymentId, LifecycleEventHookExecutionId: executionId };
  const request = new InvokeCommand({
    FunctionName: functionName,
    InvocationType: 'Event',
    Payload: Buffer.from(JSON.stringify(event)),
  });
  const of = { service: 'AWSLambda', code: 'HOOK_EXECUTION_FAILURE' } as const;
  await asked(outside, of, outside.client(LambdaClient).send(request));
  return { done: {} };
}
