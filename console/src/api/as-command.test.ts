import { expect, test } from 'vitest';
import { asCommand, kebab, shellWord } from './as-command.ts';

test.each([
  ['StartPipelineExecution', 'start-pipeline-execution'],
  ['ListOnPremisesInstances', 'list-on-premises-instances'],
  ['GetSAMLProvider', 'get-saml-provider'],
  ['ListObjectsV2', 'list-objects-v2'],
  ['pipelineExecutionId', 'pipeline-execution-id'],
  ['SSEKMSKeyId', 'ssekms-key-id'],
])('%s is %s', (name, kebabbed) => {
  expect(kebab(name)).toBe(kebabbed);
});

test.each([
  ["it's", "'it'\\''s'"],
  ['$(reboot)', "'$(reboot)'"],
  ['a b', "'a b'"],
  ['arn:aws:iam::1:role/x', 'arn:aws:iam::1:role/x'],
  ['', "''"],
])('%s as a word of a shell', (text, word) => {
  expect(shellWord(text)).toBe(word);
});

test.each([
  [
    { service: 'codepipeline', operation: 'GetPipeline', input: { name: 'web', version: 2 } },
    'aws codepipeline get-pipeline --name web --version 2',
  ],
  [
    {
      ...{ service: 'codepipeline', operation: 'StopPipelineExecution', region: 'eu-west-1' },
      input: { pipelineName: 'web', abandon: true, reason: undefined },
    },
    'aws codepipeline stop-pipeline-execution --pipeline-name web --abandon --region eu-west-1',
  ],
  [
    {
      service: 'codedeploy',
      operation: 'BatchGetDeployments',
      input: { deploymentIds: ['a', 'b'] },
    },
    'aws deploy batch-get-deployments --deployment-ids a b',
  ],
  [{ service: 's3', operation: 'ListBuckets', input: {} }, 'aws s3api list-buckets'],
  [
    {
      ...{ service: 'codepipeline', operation: 'StartPipelineExecution' },
      input: { name: "a'b", variables: [{ name: 'X', value: '1' }] },
    },
    `aws codepipeline start-pipeline-execution --cli-input-json '{"name":"a'\\''b","variables":[{"name":"X","value":"1"}]}'`,
  ],
  [
    { service: 'iam', operation: 'ChangePassword', input: { OldPassword: 'a', NewPassword: 'b' } },
    "aws iam change-password --old-password '********' --new-password '********'",
  ],
  [
    {
      ...{ service: 'secretsmanager', operation: 'CreateSecret' },
      input: { Name: 's', SecretString: 'hunter2', Tags: [{ Key: 'k', Value: 'v' }] },
    },
    `aws secretsmanager create-secret --cli-input-json '{"Name":"s","SecretString":"********","Tags":[{"Key":"k","Value":"v"}]}'`,
  ],
  [
    {
      ...{ service: 'codecommit', operation: 'PutFile' },
      input: { filePath: 'a', fileContent: new TextEncoder().encode('hé') },
    },
    `aws codecommit put-file --cli-input-json '{"filePath":"a","fileContent":"aMOp"}'`,
  ],
  // What is large is no part of a command line, and is not cut in silence.
  [
    {
      ...{ service: 'codecommit', operation: 'PutFile', region: 'eu-west-1' },
      input: { filePath: 'a', fileContent: new Uint8Array(70_000) },
    },
    'aws codecommit put-file --file-path a --file-content fileb://FILE --region eu-west-1 # FILE: what was sent as fileContent: 70000 bytes',
  ],
  // A value that the command would take for a file's name, or for an option.
  [
    { service: 'ssm', operation: 'GetParameter', input: { Name: 'file:///etc/passwd' } },
    'aws ssm get-parameter --name=file:///etc/passwd',
  ],
])('%j', (said, command) => {
  expect(asCommand(said)).toBe(command);
});
