import type { Outcome } from '../model/outcome.ts';
import { defineActionType, type Job, requiredSetting } from './action-type.ts';
import { checkKey } from './configuration.ts';
import { callFailure, explain } from './failure.ts';

const MOST_PARAMETERS = 1000;
/** Without a word of the function's. */
const SILENCE_SECONDS = 20 * 60;

/** A function, which ends the action by PutJobSuccessResult or PutJobFailureResult (CP-B24). */
export const lambda = defineActionType({
  categories: ['Invoke'],
  provider: 'Lambda',
  inputs: [0, 5],
  outputs: [0, 5],
  timeoutMinutes: 24 * 60,
  jobSeconds: SILENCE_SECONDS,
  configuration: [
    { name: 'FunctionName', required: true, key: true, description: 'The function to invoke.' },
    { name: 'UserParameters', description: 'What the function is told beside its job.' },
  ],
  rules: (action) =>
    checkKey(action, 'UserParameters', (value) => {
      if (value.length > MOST_PARAMETERS)
        throw new Error(`it must have at most ${MOST_PARAMETERS} characters`);
    }),
  // What the function says.
  outputVariables: 'any',
  links: { entity: { console: 'lambda', fragment: '/functions/{Config:FunctionName}' } },
  start: invoke,
  // A continuation token asks for a further call.
  look: invoke,
});

async function invoke(job: Job): Promise<Outcome> {
  const taken = await job.takeJob();
  if (!taken) return { state: 'running', progress: {} };
  const { LambdaClient, InvokeCommand } = await import('@aws-sdk/client-lambda');
  const { id, accountId, data } = taken;
  const { actionTypeId: _type, pipelineContext: _context, ...shown } = data;
  const event = { 'CodePipeline.job': { id, accountId, data: shown } };
  const request = new InvokeCommand({
    FunctionName: requiredSetting(job, 'FunctionName'),
    InvocationType: 'Event',
    Payload: Buffer.from(JSON.stringify(event)),
  });
  await explain(job.client(LambdaClient).send(request), callFailure('AWSLambda', 'invoke'));
  await taken.told();
  return { state: 'running', progress: { jobId: id } };
}
