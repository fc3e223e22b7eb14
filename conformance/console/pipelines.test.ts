import {
  CodeCommitClient,
  CreateRepositoryCommand,
  PutFileCommand,
} from '@aws-sdk/client-codecommit';
import { CodePipelineClient, CreatePipelineCommand } from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../server.ts';
import {
  EVERYTHING,
  makeUser,
  noBrowser,
  signIn,
  startBrowser,
  type Visitor,
  visitor,
} from './browser.ts';

// From the first visit to an approved, redone and compared run, in one browser against one server: each step is the next one's ground.

/** What somebody plants who hopes that the console takes it for markup. */
const PLANTED =
  '<img src=x onerror="document.title=`owned`"><script>document.title="owned"</script>';
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Principal: { Service: 'codepipeline.amazonaws.com' },
      Action: 'sts:AssumeRole',
    },
  ],
});

let server: TestServer;
let browser: Browser;
let mary: Visitor;
/** Everybody's. */
let password: string;

/** A repository, a bucket, a role, and a pipeline `web` of source, approval and deployment. */
async function makePipeline() {
  const iam = new IAMClient(server.client);
  const codecommit = new CodeCommitClient(server.client);
  const RoleName = 'pipe';
  const { Role } = await iam.send(
    new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: TRUST }),
  );
  await iam.send(
    new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: EVERYTHING }),
  );
  const s3 = new S3Client({ ...server.client, forcePathStyle: true });
  for (const Bucket of ['artifacts', 'site']) await s3.send(new CreateBucketCommand({ Bucket }));
  await codecommit.send(new CreateRepositoryCommand({ repositoryName: 'web' }));
  await codecommit.send(
    new PutFileCommand({
      ...{ repositoryName: 'web', branchName: 'main', filePath: 'index.html' },
      ...{ fileContent: Buffer.from('hello'), commitMessage: PLANTED },
    }),
  );
  const type = (category: 'Source' | 'Approval' | 'Deploy', provider: string) => ({
    ...{ category, provider, owner: 'AWS' as const, version: '1' },
  });
  await new CodePipelineClient(server.client).send(
    new CreatePipelineCommand({
      pipeline: {
        name: 'web',
        roleArn: Role?.Arn,
        artifactStore: { type: 'S3', location: 'artifacts' },
        pipelineType: 'V2',
        executionMode: 'QUEUED',
        variables: [{ name: 'WHO', defaultValue: 'world' }],
        stages: [
          {
            name: 'Source',
            actions: [
              {
                name: 'Code',
                actionTypeId: type('Source', 'CodeCommit'),
                configuration: { RepositoryName: 'web', BranchName: 'main' },
                outputArtifacts: [{ name: 'code' }],
              },
            ],
          },
          {
            name: 'Release',
            actions: [
              {
                name: 'Look',
                actionTypeId: type('Approval', 'Manual'),
                configuration: { CustomData: PLANTED, ExternalEntityLink: 'https://example.com/' },
              },
            ],
          },
          {
            name: 'Deploy',
            actions: [
              {
                name: 'Site',
                actionTypeId: type('Deploy', 'S3'),
                configuration: { BucketName: 'site', Extract: 'true' },
                inputArtifacts: [{ name: 'code' }],
              },
            ],
          },
        ],
      },
    }),
  );
}

describe.skipIf(noBrowser)('the console', { timeout: 180_000 }, () => {
  beforeAll(async () => {
    [server, browser] = await Promise.all([startServer(), startBrowser()]);
    [password] = await Promise.all([makeUser(server, 'mary', EVERYTHING), makeUser(server, 'eve')]);
    mary = await visitor(browser, server);
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test('a wrong password is told, the right one leads to the page that one came for', async () => {
    const { page } = mary;
    await mary.open('home?region=us-east-1');
    await signIn(mary, 'mary', 'wrong');
    await page
      .getByText(/incorrect|wrong|not/i)
      .first()
      .waitFor();
    await signIn(mary, 'mary', password);
    await page.getByRole('heading', { name: 'Home', level: 1 }).waitFor();
    await page.getByText('aws codecommit create-repository --repository-name app').waitFor();
  });

  test('an approval that comes shows by itself, and the keyboard alone answers it', async () => {
    const { page } = mary;
    await makePipeline();
    // No event tells of a pipeline that is made: the listing is asked again.
    await mary.open('home?region=us-east-1');
    await page.getByRole('button', { name: 'Review Look of web' }).press('Enter');
    const box = page.getByRole('dialog', { name: 'Review: Release / Look' });
    await box.getByText(PLANTED).waitFor();
    await box.getByLabel('Comment – optional').fill('Looks right');
    await box.getByRole('button', { name: 'Submit' }).press('Enter');
    await page.getByText('Release / Look of web is approved.').waitFor();
    await page
      .getByRole('region', { name: 'Stage Deploy' })
      .getByText('Succeeded')
      .first()
      .waitFor();
    await page.getByText('Looks right').waitFor();
    expect(page.url()).toMatch(/#\/view\/web$/);
  });

  test('a closed transition holds a run until it is opened', async () => {
    const { page } = mary;
    await page.getByRole('button', { name: 'Transition into Deploy: open. Close it' }).click();
    await page.getByLabel('Reason').fill('Not on Fridays');
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByText('Not on Fridays').waitFor();

    await page.getByRole('button', { name: 'Release change' }).click();
    const box = page.getByRole('dialog', { name: 'Release change: web' });
    await box.getByLabel('WHO').fill('moon');
    await box
      .getByText(
        `aws codepipeline start-pipeline-execution --cli-input-json '{"name":"web","variables":[{"name":"WHO","value":"moon"}]}'`,
      )
      .waitFor();
    await box.getByRole('button', { name: 'Release' }).click();
    await page.getByRole('button', { name: 'Review Look' }).click();
    await page.getByRole('button', { name: 'Submit' }).click();
    await page.getByText('1 waiting').waitFor();

    await page.getByRole('button', { name: 'Transition into Deploy: closed. Open it' }).click();
    await page.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByText('1 waiting').waitFor({ state: 'detached' });
  });

  test('its history has both runs; one of them on a line of time, with its variables', async () => {
    const { page } = mary;
    await page.getByRole('button', { name: 'History' }).click();
    await page.getByRole('heading', { name: 'History (2)' }).waitFor();
    await page.getByText(PLANTED).first().waitFor();
    await page.getByRole('row').nth(1).getByRole('link').click();
    await page.getByText('WHO=moon').waitFor();
    await page.getByRole('button', { name: /^Deploy \/ Site: / }).click();
    expect(await page.title()).toMatch(/^Run /);
  });

  test('what may not be done is told in a word', async () => {
    const eve = await visitor(browser, server);
    await eve.open('codepipeline/home?region=us-east-1#/pipelines');
    await signIn(eve, 'eve', password);
    await eve.page.getByText('You may not do this: codepipeline:ListPipelines').waitFor();
    await eve.open('nothing/home?region=us-east-1#/here');
    await eve.page.getByRole('heading', { name: 'There is no such page' }).waitFor();
    expect(eve.complaints).toEqual([]);
  });

  test('the palette finds a pipeline, and signing out ends it', async () => {
    const { page, complaints } = mary;
    await page.keyboard.press('Control+k');
    await page
      .getByRole('searchbox', { name: 'Name of a page or resource', exact: true })
      .waitFor();
    await page.locator('input:focus').waitFor();
    await page.keyboard.type('web pipe');
    await page.getByRole('option', { name: 'web Pipeline' }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('region', { name: 'Stage Source' }).waitFor();
    await page.getByRole('button', { name: /^Signed in as mary/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to Slipway' }).waitFor();
    expect(complaints).toEqual([]);
  });
});
