import * as client from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refused } from '../../../testing/upstream.ts';
import { cloudFormation } from './cloudformation.ts';
import { type Bench, bench, follow, outcomeOf, unzipped } from './testing.ts';

const ID = 'arn:aws:cloudformation:us-east-1:111122223333:stack/web/1';
const CHANGES = 'arn:aws:cloudformation:us-east-1:111122223333:changeSet/next/1';
const RoleArn = 'arn:aws:iam::111122223333:role/cfn';
const inputs = {
  Infra: {
    'app.yaml': 'Resources: {}',
    'prod.json': JSON.stringify({ Parameters: { Size: 2, Name: 'x' }, Tags: { team: 'web' } }),
    'built.json': '{"image":"i:1"}',
  },
};
const up = {
  ActionMode: 'CREATE_UPDATE',
  StackName: 'web',
  RoleArn,
  TemplatePath: 'Infra::app.yaml',
};

describe('CP-B14: CloudFormation action', () => {
  let aws: Bench;
  /** The stack's status as each look finds it; none: there is no stack. */
  let statuses: (string | undefined)[];
  const asked = () => aws.calls.map(({ operation }) => operation);
  const input = (operation: string) => aws.calls.find((a) => a.operation === operation)?.input;

  beforeEach(async () => {
    statuses = [];
    aws = await bench([client], {
      DescribeStacks: () => {
        const status = statuses.length > 1 ? statuses.shift() : statuses[0];
        if (!status) refused('ValidationError', 'Stack with id web does not exist');
        const Outputs = [{ OutputKey: 'Url', OutputValue: 'http://x' }];
        return {
          Stacks: [
            {
              StackId: ID,
              StackName: 'web',
              StackStatus: status,
              CreationTime: new Date(),
              Outputs,
            },
          ],
        };
      },
      CreateStack: () => ({ StackId: ID }),
      UpdateStack: () => ({ StackId: ID }),
      DeleteStack: () => ({}),
    });
  });
  afterEach(() => aws.close());

  it('creates a stack: parameters, tags, capabilities, role, token; its outputs are variables and a file', async () => {
    statuses = [undefined, 'CREATE_IN_PROGRESS', 'CREATE_COMPLETE'];
    const overrides = {
      Image: { 'Fn::GetParam': ['Infra', 'built.json', 'image'] },
      Bucket: { 'Fn::GetArtifactAtt': ['Infra', 'BucketName'] },
      Name: 'y',
    };
    const configuration = {
      ...up,
      Capabilities: 'CAPABILITY_IAM, CAPABILITY_AUTO_EXPAND',
      TemplateConfiguration: 'Infra::prod.json',
      ParameterOverrides: JSON.stringify(overrides),
      OutputFileName: 'out.json',
    };
    const end = await outcomeOf(aws, cloudFormation, { configuration, inputs, outputs: ['Out'] });
    expect(end).toMatchObject({ state: 'succeeded', outputVariables: { Url: 'http://x' } });
    expect(input('CreateStack')).toMatchObject({
      ...{ StackName: 'web', TemplateBody: 'Resources: {}', RoleARN: RoleArn },
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_AUTO_EXPAND'],
      ClientRequestToken: '11111111-2222-4333-8444-555555555555',
      Tags: [{ Key: 'team', Value: 'web' }],
      Parameters: [
        { ParameterKey: 'Size', ParameterValue: '2' },
        { ParameterKey: 'Name', ParameterValue: 'y' },
        { ParameterKey: 'Image', ParameterValue: 'i:1' },
        { ParameterKey: 'Bucket', ParameterValue: 'artifacts' },
      ],
    });
    expect(await unzipped(aws.stored.get('out/Out'))).toEqual({ 'out.json': '{"Url":"http://x"}' });
  });

  it('updates one that is there; nothing to update is no failure', async () => {
    statuses = ['UPDATE_COMPLETE'];
    expect(await outcomeOf(aws, cloudFormation, { configuration: up, inputs })).toMatchObject({
      state: 'succeeded',
    });
    aws.answers.UpdateStack = () => refused('ValidationError', 'No updates are to be performed.');
    expect(await outcomeOf(aws, cloudFormation, { configuration: up, inputs })).toMatchObject({
      ...{ state: 'succeeded', outputVariables: { Url: 'http://x' } },
    });
    expect(asked()).not.toContain('CreateStack');
  });

  it('fails where the stack is rolled back', async () => {
    statuses = [undefined, 'ROLLBACK_IN_PROGRESS', 'ROLLBACK_COMPLETE'];
    expect(await outcomeOf(aws, cloudFormation, { configuration: up, inputs })).toMatchObject({
      state: 'failed',
      code: 'JobFailed',
      message: 'Stack web has the status ROLLBACK_COMPLETE',
    });
  });

  it('REPLACE_ON_FAILURE deletes a failed stack first', async () => {
    statuses = ['ROLLBACK_COMPLETE', 'DELETE_IN_PROGRESS', 'DELETE_COMPLETE', 'CREATE_COMPLETE'];
    const configuration = { ...up, ActionMode: 'REPLACE_ON_FAILURE' };
    const end = await outcomeOf(aws, cloudFormation, { configuration, inputs });
    expect(end.state).toBe('succeeded');
    expect(asked().filter((name) => !/^Describe/.test(name))).toEqual([
      'DeleteStack',
      'CreateStack',
    ]);
  });

  it('DELETE_ONLY deletes; a stack that is not there is as good', async () => {
    const configuration = { ActionMode: 'DELETE_ONLY', StackName: 'web', RoleArn };
    statuses = ['CREATE_COMPLETE', 'DELETE_IN_PROGRESS', 'DELETE_COMPLETE'];
    expect((await outcomeOf(aws, cloudFormation, { configuration })).state).toBe('succeeded');
    expect(input('DeleteStack')).toMatchObject({ StackName: ID, RoleARN: RoleArn });
    statuses = [undefined];
    expect(await outcomeOf(aws, cloudFormation, { configuration })).toMatchObject({
      state: 'succeeded',
    });
    expect(asked().filter((name) => name === 'DeleteStack')).toHaveLength(1);
  });

  describe('change sets', () => {
    const configuration = { ...up, ActionMode: 'CHANGE_SET_REPLACE', ChangeSetName: 'next' };
    let found: object | undefined;
    beforeEach(() => {
      Object.assign(aws.answers, {
        DescribeChangeSet: () =>
          found ?? refused('ChangeSetNotFound', 'ChangeSet [next] does not exist'),
        CreateChangeSet: () => {
          found = { ChangeSetId: CHANGES, StackId: ID, Status: 'CREATE_COMPLETE' };
          return { Id: CHANGES };
        },
        DeleteChangeSet: () => ({}),
        ExecuteChangeSet: () => ({}),
      });
    });

    it('are made for a new stack, or in place of the one before', async () => {
      statuses = [undefined, 'REVIEW_IN_PROGRESS'];
      found = undefined;
      const said = await follow(aws, cloudFormation, { configuration, inputs });
      expect(said[0]).toMatchObject({ progress: { externalExecutionId: CHANGES } });
      expect(said.at(-1)?.state).toBe('succeeded');
      expect(input('CreateChangeSet')).toMatchObject({
        ChangeSetType: 'CREATE',
        ChangeSetName: 'next',
      });
      expect(asked()).not.toContain('DeleteChangeSet');

      statuses = ['CREATE_COMPLETE'];
      await follow(aws, cloudFormation, { configuration, inputs });
      expect(aws.calls.findLast((a) => a.operation === 'CreateChangeSet')?.input).toMatchObject({
        ChangeSetType: 'UPDATE',
      });
      expect(asked()).toContain('DeleteChangeSet');
    });

    it('are carried out', async () => {
      const execute = { ActionMode: 'CHANGE_SET_EXECUTE', StackName: 'web', ChangeSetName: 'next' };
      found = { ChangeSetId: CHANGES, StackId: ID, Status: 'CREATE_COMPLETE' };
      statuses = ['UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE'];
      expect(await outcomeOf(aws, cloudFormation, { configuration: execute })).toMatchObject({
        ...{ state: 'succeeded', outputVariables: { Url: 'http://x' } },
      });
      expect(asked()).toContain('ExecuteChangeSet');
    });

    it('without changes are no failure', async () => {
      statuses = ['CREATE_COMPLETE'];
      const StatusReason = "The submitted information didn't contain changes.";
      aws.answers.CreateChangeSet = () => {
        found = { ChangeSetId: CHANGES, StackId: ID, Status: 'FAILED', StatusReason };
        return { Id: CHANGES };
      };
      found = undefined;
      expect((await outcomeOf(aws, cloudFormation, { configuration, inputs })).state).toBe(
        'succeeded',
      );
      const execute = { ActionMode: 'CHANGE_SET_EXECUTE', StackName: 'web', ChangeSetName: 'next' };
      expect((await outcomeOf(aws, cloudFormation, { configuration: execute })).state).toBe(
        'succeeded',
      );
      expect(asked()).not.toContain('ExecuteChangeSet');
    });
  });

  it('after a crash knows the stack that it began', async () => {
    statuses = ['CREATE_IN_PROGRESS'];
    const event = { ClientRequestToken: '11111111-2222-4333-8444-555555555555' };
    aws.answers.DescribeStackEvents = () => ({
      StackEvents: [
        { ...event, StackId: ID, EventId: 'e', StackName: 'web', Timestamp: new Date() },
      ],
    });
    const job = aws.job(cloudFormation, { configuration: up, inputs, again: true });
    const outcome = await cloudFormation.start(job, new AbortController().signal);
    expect(outcome).toEqual({ state: 'running', progress: { externalExecutionId: ID } });
    expect(asked()).not.toContain('UpdateStack');
  });

  it('hands its role on only where the pipeline’s may pass it', async () => {
    aws.unpassable.add(RoleArn);
    await expect(outcomeOf(aws, cloudFormation, { configuration: up, inputs })).rejects.toThrow(
      'iam:PassRole',
    );
    expect(aws.calls).toEqual([]);
  });

  it.each([
    [{ TemplatePath: 'Infra::none.yaml' }, 'File [none.yaml] does not exist in artifact [Infra]'],
    [{ ParameterOverrides: '{"A":{"Fn::GetParam":["Infra","built.json","b"]}}' }, "has no 'b'"],
    [{ ParameterOverrides: '{"A":{"Fn::GetArtifactAtt":["X","URL"]}}' }, 'not an input artifact'],
  ])('fails with %j', async (more, message) => {
    statuses = [undefined];
    const configuration = { ...up, ...more };
    await expect(outcomeOf(aws, cloudFormation, { configuration, inputs })).rejects.toThrow(
      message,
    );
  });
});
