import { CodeDeployClient, CreateApplicationCommand } from '@aws-sdk/client-codedeploy';
import {
  GetAWSDefaultServiceQuotaCommand,
  GetRequestedServiceQuotaChangeCommand,
  GetServiceQuotaCommand,
  ListAWSDefaultServiceQuotasCommand,
  ListRequestedServiceQuotaChangeHistoryByQuotaCommand,
  ListRequestedServiceQuotaChangeHistoryCommand,
  ListServiceQuotasCommand,
  ListServicesCommand,
  ListTagsForResourceCommand,
  RequestServiceQuotaIncreaseCommand,
  ServiceQuotasClient,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-service-quotas';
import { expect, it } from 'vitest';
import { eachDialect } from '../../db/testing.ts';
import { makeQuotas } from '../../kit/quotas.ts';
import { world } from '../../testing.ts';
import codebuild from '../codebuild/index.ts';
import codedeploy from '../codedeploy/index.ts';
import serviceQuotas from './index.ts';

const APPLICATIONS = { ServiceCode: 'codedeploy', QuotaCode: 'L-3F19B6A5' };

eachDialect('Service Quotas', (makeDatabase) => {
  const serve = () => world(makeDatabase, [serviceQuotas, codedeploy, codebuild]);

  it('lists services and their quotas with AWS’s values, in pages', async () => {
    const server = await serve();
    const quotas = server.client(ServiceQuotasClient);
    expect((await quotas.send(new ListServicesCommand({}))).Services).toEqual([
      { ServiceCode: 'codebuild', ServiceName: 'AWS CodeBuild' },
      { ServiceCode: 'codedeploy', ServiceName: 'AWS CodeDeploy' },
      { ServiceCode: 'iam', ServiceName: 'AWS Identity and Access Management (IAM)' },
    ]);
    const codes: string[] = [];
    let NextToken: string | undefined;
    do {
      const input = { ServiceCode: 'codebuild', MaxResults: 4, NextToken };
      const page = await quotas.send(new ListServiceQuotasCommand(input));
      expect(page.Quotas?.length).toBeLessThanOrEqual(4);
      codes.push(...(page.Quotas ?? []).map(({ QuotaCode = '' }) => QuotaCode));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(codes).toContain('L-9D07B6EF');
    expect(new Set(codes).size).toBe(codes.length);
    const defaults = await quotas.send(
      new ListAWSDefaultServiceQuotasCommand({ ServiceCode: 'codebuild' }),
    );
    expect(defaults.Quotas?.map(({ QuotaCode }) => QuotaCode)).toEqual(codes);
    expect((await quotas.send(new GetServiceQuotaCommand(APPLICATIONS))).Quota).toEqual({
      ...APPLICATIONS,
      ServiceName: 'AWS CodeDeploy',
      QuotaArn: 'arn:aws:servicequotas:eu-west-1:111111111111:codedeploy/L-3F19B6A5',
      QuotaName: 'Applications associated per account per region',
      Value: 1000,
      Unit: 'None',
      Adjustable: true,
      GlobalQuota: false,
      QuotaAppliedAtLevel: 'ACCOUNT',
    });
    expect(server.failures).toEqual([]);
  });

  it('raises a quota at once, for the account and region that asked, and keeps the request', async () => {
    const server = await serve();
    const quotas = server.client(ServiceQuotasClient);
    const increase = new RequestServiceQuotaIncreaseCommand({
      ...APPLICATIONS,
      DesiredValue: 1500,
    });
    const { RequestedQuota } = await quotas.send(increase);
    expect(RequestedQuota).toMatchObject({
      ...APPLICATIONS,
      DesiredValue: 1500,
      Status: 'APPROVED',
    });
    expect(server.asked).toContain(
      'servicequotas:RequestServiceQuotaIncrease arn:aws:servicequotas:eu-west-1:111111111111:codedeploy/L-3F19B6A5',
    );
    const valueFor = async (as: { accountId?: string; region?: string }) =>
      (await server.client(ServiceQuotasClient, as).send(new GetServiceQuotaCommand(APPLICATIONS)))
        .Quota?.Value;
    expect(await valueFor({})).toBe(1500);
    expect(await valueFor({ region: 'us-east-1' })).toBe(1000);
    expect(await valueFor({ accountId: '222222222222' })).toBe(1000);
    const { Quota } = await quotas.send(new GetAWSDefaultServiceQuotaCommand(APPLICATIONS));
    expect(Quota).toMatchObject({ Value: 1000 });
    expect(Quota?.QuotaArn).toBe('arn:aws:servicequotas:eu-west-1::codedeploy/L-3F19B6A5');
    const RequestId = RequestedQuota?.Id;
    const got = await quotas.send(new GetRequestedServiceQuotaChangeCommand({ RequestId }));
    expect(got.RequestedQuota).toEqual(RequestedQuota);
    const byQuota = new ListRequestedServiceQuotaChangeHistoryByQuotaCommand(APPLICATIONS);
    expect((await quotas.send(byQuota)).RequestedQuotas).toEqual([RequestedQuota]);
    const ofStatus = async (Status: 'APPROVED' | 'DENIED') =>
      (await quotas.send(new ListRequestedServiceQuotaChangeHistoryCommand({ Status })))
        .RequestedQuotas;
    expect(await ofStatus('APPROVED')).toHaveLength(1);
    expect(await ofStatus('DENIED')).toEqual([]);
  });

  it('refuses what is no increase, what is not there and what is not served', async () => {
    const server = await serve();
    const quotas = server.client(ServiceQuotasClient);
    const raise = (change: object) =>
      quotas.send(
        new RequestServiceQuotaIncreaseCommand({ ...APPLICATIONS, DesiredValue: 2000, ...change }),
      );
    await expect(raise({ DesiredValue: 1000 })).rejects.toThrow(
      expect.objectContaining({ name: 'IllegalArgumentException' }),
    );
    const missing = expect.objectContaining({ name: 'NoSuchResourceException' });
    await expect(raise({ QuotaCode: 'L-00000000' })).rejects.toThrow(missing);
    await expect(raise({ ServiceCode: 'ec2' })).rejects.toThrow(missing);
    await expect(raise({ ServiceCode: 'constructor' })).rejects.toThrow(missing);
    const unserved = expect.objectContaining({ name: 'NotImplemented' });
    await expect(raise({ ContextId: 'arn:aws:s3:::a' })).rejects.toThrow(unserved);
    server.denied.add('servicequotas:RequestServiceQuotaIncrease');
    await expect(raise({})).rejects.toThrow(
      expect.objectContaining({ name: 'AccessDeniedException' }),
    );
    const token = new ListServicesCommand({ NextToken: 'forged' });
    await expect(quotas.send(token)).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidPaginationTokenException' }),
    );
    expect(server.failures).toEqual([]);
  });

  it('keeps tags of quotas', async () => {
    const quotas = (await serve()).client(ServiceQuotasClient);
    const ResourceARN = 'arn:aws:servicequotas:eu-west-1:111111111111:codedeploy/L-3F19B6A5';
    const Tags = [
      { Key: 'a', Value: '1' },
      { Key: '__proto__', Value: '2' },
    ];
    await quotas.send(new TagResourceCommand({ ResourceARN, Tags }));
    const list = new ListTagsForResourceCommand({ ResourceARN });
    expect((await quotas.send(list)).Tags).toEqual(Tags);
    await quotas.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['a'] }));
    expect((await quotas.send(list)).Tags).toEqual([Tags[1]]);
    const foreign = ResourceARN.replace('111111111111', '222222222222');
    await expect(
      quotas.send(new TagResourceCommand({ ResourceARN: foreign, Tags })),
    ).rejects.toThrow(expect.objectContaining({ name: 'NoSuchResourceException' }));
  });

  it('is what the services go by', async () => {
    const server = await serve();
    server.configuredQuotas['codedeploy/L-3F19B6A5'] = 1;
    const deploy = server.client(CodeDeployClient);
    const create = (applicationName: string) =>
      deploy.send(new CreateApplicationCommand({ applicationName }));
    await create('one');
    await expect(create('two')).rejects.toThrow(
      expect.objectContaining({ name: 'ApplicationLimitExceededException' }),
    );
    await server
      .client(ServiceQuotasClient)
      .send(new RequestServiceQuotaIncreaseCommand({ ...APPLICATIONS, DesiredValue: 2 }));
    await create('two');
    await expect(create('three')).rejects.toThrow('More than 2 applications');
  });
});

it('configured quotas hold for every account, and one that there is not is refused', async () => {
  const configured = { 'codedeploy/L-3F19B6A5': 7 };
  const quotas = makeQuotas([codedeploy], configured);
  const [applications] = codedeploy.quotas?.quotas ?? [];
  if (!applications) throw new Error('There is one.');
  expect(quotas.applied('codedeploy', applications)).toBe(7);
  expect(() => makeQuotas([codedeploy], { 'codedeploy/L-FFFFFFFF': 7 })).toThrow(
    '--quotas names codedeploy/L-FFFFFFFF, which is no quota here.',
  );
});
