import * as sdk from '@aws-sdk/client-iam';
import { IAMClient } from '@aws-sdk/client-iam';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { type World, world } from '../../testing.ts';
import service from './index.ts';

const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
});

eachDialect('policy simulation', (makeDatabase) => {
  let server: World;
  let iam: IAMClient;

  beforeEach(async () => {
    server = await world(makeDatabase, [service]);
    iam = server.client(IAMClient);
  });
  afterEach(() => expect(server.failures).toEqual([]));

  const createUser = (UserName: string, Path?: string) =>
    iam.send(new sdk.CreateUserCommand({ UserName, Path }));

  it('simulates what a user may, and what a policy would allow', async () => {
    await createUser('u');
    await iam.send(
      new sdk.PutUserPolicyCommand({ UserName: 'u', PolicyName: 'p', PolicyDocument: POLICY }),
    );
    const ActionNames = ['s3:GetObject', 'iam:GetUser'];
    const decisions = (results: sdk.EvaluationResult[] = []) => results.map((r) => r.EvalDecision);
    const PolicySourceArn = 'arn:aws:iam::111111111111:user/u';
    const own = await iam.send(
      new sdk.SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames }),
    );
    expect(decisions(own.EvaluationResults)).toEqual(['allowed', 'implicitDeny']);
    const PolicyInputList = [POLICY, POLICY.replace('Allow', 'Deny')];
    const custom = await iam.send(
      new sdk.SimulateCustomPolicyCommand({ PolicyInputList, ActionNames }),
    );
    expect(decisions(custom.EvaluationResults)).toEqual(['explicitDeny', 'implicitDeny']);
  });

  describe('simulation', () => {
    const PolicySourceArn = 'arn:aws:iam::111111111111:user/team/u';
    const ActionNames = ['s3:GetObject'];
    const allowedIf = (key: string, value: string) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: {
          ...{ Effect: 'Allow', Action: '*', Resource: '*' },
          Condition: { StringEquals: { [key]: value } },
        },
      });
    const decision = ({ EvaluationResults }: sdk.SimulatePolicyResponse) =>
      EvaluationResults?.map((r) => r.EvalDecision).join();
    const ofUser = async (policy: string, more = {}) =>
      decision(
        await iam.send(
          new sdk.SimulatePrincipalPolicyCommand({
            ...{ PolicySourceArn, ActionNames, PolicyInputList: [policy], ...more },
          }),
        ),
      );
    const custom = async (policy: string, more = {}) =>
      decision(
        await iam.send(
          new sdk.SimulateCustomPolicyCommand({ ActionNames, PolicyInputList: [policy], ...more }),
        ),
      );

    it('knows of the caller what a call of his would say', async () => {
      const { User } = await iam.send(
        new sdk.CreateUserCommand({
          ...{ UserName: 'u', Path: '/team/', Tags: [{ Key: 'Team', Value: 'red' }] },
        }),
      );
      for (const [key, value] of [
        ['aws:username', 'u'],
        ['aws:userid', User?.UserId ?? ''],
        ['aws:PrincipalArn', PolicySourceArn],
        ['aws:PrincipalTag/Team', 'red'],
        ['aws:PrincipalType', 'User'],
        ['aws:PrincipalAccount', '111111111111'],
      ] as const) {
        expect([key, await ofUser(allowedIf(key, value))]).toEqual([key, 'allowed']);
        const CallerArn = PolicySourceArn;
        expect([key, await ofUser(allowedIf(key, value), { CallerArn })]).toEqual([key, 'allowed']);
        expect([key, await ofUser(allowedIf(key, 'other'))]).toEqual([key, 'implicitDeny']);
      }
      const entry = { ContextKeyName: 'aws:username', ContextKeyValues: ['v'] };
      const ContextEntries = [{ ...entry, ContextKeyType: 'string' as const }];
      expect(await ofUser(allowedIf('aws:username', 'v'), { ContextEntries })).toBe('allowed');
    });

    it('knows of another caller what his ARN says', async () => {
      await createUser('u', '/team/');
      const CallerArn = 'arn:aws:iam::111111111111:user/team/v';
      for (const [key, value] of [
        ['aws:username', 'v'],
        ['aws:PrincipalArn', CallerArn],
      ] as const) {
        expect(await ofUser(allowedIf(key, value), { CallerArn })).toBe('allowed');
        expect(await custom(allowedIf(key, value), { CallerArn })).toBe('allowed');
        expect(await custom(allowedIf(key, value))).toBe('implicitDeny');
      }
      const role = { CallerArn: 'arn:aws:iam::111111111111:role/r' };
      await expect(custom(POLICY, role)).rejects.toMatchObject({ name: 'InvalidInputException' });
    });

    it.each([
      ['ResourceOwner', 'arn:aws:iam::111111111111:root'],
      ['OrderedOrganizationPolicyInputList', [{ ServiceControlPolicyInputList: [POLICY] }]],
      ['ResourcePolicy', POLICY],
    ])('is refused with %s', async (name, value) => {
      await expect(custom(POLICY, { [name]: value })).rejects.toMatchObject({
        name: 'NotImplemented',
        message: expect.stringContaining(name),
      });
    });
  });
});
