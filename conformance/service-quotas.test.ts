import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aws, awsError, noAws } from './aws.ts';
import { startServer, type TestServer } from './server.ts';
import { words } from './words.ts';

const QUOTA = words`--service-code codecommit --quota-code L-81790602`;

describe.skipIf(noAws)('aws service-quotas', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startServer({ flags: ['--quotas', 'codecommit/L-81790602=1'] });
  });
  afterAll(() => server?.stop());

  const quota = async (command: string) =>
    (await aws(server)`service-quotas ${command} ${QUOTA}`).Quota;

  it('shows, and raises for good, what services go by', async () => {
    expect(await quota('get-aws-default-service-quota')).toMatchObject({ Value: 5000 });
    expect(await quota('get-service-quota')).toMatchObject({ Value: 1, Adjustable: true });
    await aws(server)`codecommit create-repository --repository-name one`;
    expect(await awsError(server)`codecommit create-repository --repository-name two`).toMatch(
      /^RepositoryLimitExceededException/,
    );
    expect(
      await aws(server)`service-quotas request-service-quota-increase ${QUOTA} --desired-value 2`,
    ).toMatchObject({
      RequestedQuota: { Status: 'APPROVED', DesiredValue: 2 },
    });
    await server.kill();
    await server.restart();
    await aws(server)`codecommit create-repository --repository-name two`;
    expect(
      await awsError(
        server,
      )`service-quotas request-service-quota-increase ${QUOTA} --desired-value 2`,
    ).toMatch(/^IllegalArgumentException/);
  });

  it('refuses by name what is not there and what is not built', async () => {
    expect(
      await awsError(
        server,
      )`service-quotas get-service-quota --service-code ec2 --quota-code L-81790602`,
    ).toMatch(/^NoSuchResourceException/);
    expect(await awsError(server)`service-quotas associate-service-quota-template`).toMatch(
      /^NotImplemented.*AssociateServiceQuota/,
    );
  });
});
