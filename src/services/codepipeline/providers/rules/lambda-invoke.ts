import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { statusOf } from '../../../../lib/refusal.ts';
import { defineRuleType, type Job, requiredSetting, ruleFailed, setting } from '../action-type.ts';
import { describe, explain, isDenied } from '../failure.ts';

/** What is shown of a function's error. */
const MAX_SHOWN = 500;

/**
 * A function that must return without an error (CP-C28). It gets the event of the Lambda action; it is called under the
 * rule's role, or where SLIPWAY_UPSTREAM_LAMBDA says.
 */
export const lambdaInvoke = defineRuleType({
  provider: 'LambdaInvoke',
  inputs: [0, 5],
  timeoutMinutes: 20,
  configuration: [
    { name: 'FunctionName', required: true, key: true, description: 'The function.' },
    { name: 'UserParameters', description: 'A text that the function gets.' },
  ],
  links: { entity: { console: 'lambda', fragment: '#/functions/{Config:FunctionName}' } },

  async start(job, signal) {
    const FunctionName = requiredSetting(job, 'FunctionName');
    const client = job.client(LambdaClient);
    const command = new InvokeCommand({
      FunctionName,
      InvocationType: 'RequestResponse',
      Payload: Buffer.from(JSON.stringify(eventOf(job, FunctionName))),
    });
    const answer = await explain(client.send(command, { abortSignal: signal }), failure);
    const requestId = answer.$metadata.requestId;
    const progress = requestId === undefined ? {} : { externalExecutionId: requestId };
    if (answer.FunctionError === undefined) return { state: 'succeeded', progress };
    const said = Buffer.from(answer.Payload ?? [])
      .toString('utf8')
      .slice(0, MAX_SHOWN);
    return ruleFailed(`The function '${FunctionName}' failed: ${said}`, progress);
  },
});

function eventOf(job: Job, FunctionName: string) {
  const { run, pipeline } = job;
  const UserParameters = setting(job, 'UserParameters');
  return {
    'CodePipeline.job': {
      id: run.actionExecutionId,
      accountId: pipeline.accountId,
      data: {
        actionConfiguration: {
          configuration: { FunctionName, ...(UserParameters !== undefined && { UserParameters }) },
        },
        inputArtifacts: run.input.inputArtifacts.map(({ name, revisionId, bucket, key }) => ({
          name,
          revision: revisionId ?? null,
          location: { type: 'S3', s3Location: { bucketName: bucket, objectKey: key } },
        })),
        outputArtifacts: [],
      },
    },
  };
}

function failure(error: Error) {
  if (statusOf(error) === 501)
    return {
      code: 'ConfigurationError' as const,
      message:
        'AWS Lambda is not served here. Set SLIPWAY_UPSTREAM_LAMBDA to the endpoint of a server that serves it',
    };
  return {
    code: isDenied(error) ? ('PermissionError' as const) : ('ConfigurationError' as const),
    message: `Error calling invoke: ${describe(error, 'AWSLambda')}`,
  };
}
