import {
  CodeCommitClient,
  CreateBranchCommand,
  CreatePullRequestCommand,
  CreateRepositoryCommand,
  PutFileCommand,
} from '@aws-sdk/client-codecommit';
import {
  CreateLoginProfileCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startServer, type TestServer } from '../server.ts';
import { noBrowser, signIn, startBrowser, type Visitor, visitor } from './browser.ts';

/* Repositories, pull requests and Access in a browser, as a user sees them; what others wrote is hostile and runs nothing. */

const XSS = '<img src=x onerror="window.stolen=1">';

describe.skipIf(noBrowser)('repositories in the console', () => {
  let server: TestServer;
  let browser: Browser;
  let page: Page;
  let alice: Visitor;
  const open = async (service: string, fragment: string) => {
    await alice.open(`${service}/home#${fragment}`);
    await page.reload();
  };

  beforeAll(async () => {
    server = await startServer();
    const git = new CodeCommitClient(server.client);
    const repositoryName = 'shop';
    const put = async (
      branchName: string,
      filePath: string,
      text: string,
      parentCommitId?: string,
    ) =>
      (
        await git.send(
          new PutFileCommand({
            ...{
              repositoryName,
              branchName,
              filePath,
              parentCommitId,
              name: XSS,
              commitMessage: XSS,
            },
            fileContent: new TextEncoder().encode(text),
          }),
        )
      ).commitId;
    await git.send(new CreateRepositoryCommand({ repositoryName, repositoryDescription: XSS }));
    const base = await put('main', 'app.js', 'one\ntwo\nthree\n');
    await git.send(
      new CreateBranchCommand({ repositoryName, branchName: 'feature', commitId: base }),
    );
    await put('feature', 'app.js', 'one\nTWO of feature\nthree\n', base);
    const tip = await put('main', 'app.js', 'one\ntwo of main\nthree\n', base);
    await put('main', 'README.md', `# Shop\n<script>window.stolen=1</script>${XSS}`, tip);
    const targets = [{ repositoryName, sourceReference: 'feature', destinationReference: 'main' }];
    await git.send(
      new CreatePullRequestCommand({ title: `Two ${XSS}`, description: XSS, targets }),
    );
    const iam = new IAMClient(server.client);
    const UserName = 'alice';
    await iam.send(new CreateUserCommand({ UserName }));
    await iam.send(new CreateLoginProfileCommand({ UserName, Password: 'Secret-123456' }));
    const Action = ['codecommit:*', 'cloudtrail:LookupEvents', 'iam:SimulatePrincipalPolicy'];
    const Statement = [{ Effect: 'Allow', Action, Resource: '*' }];
    const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement });
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'git', PolicyDocument }));
    browser = await startBrowser();
    alice = await visitor(browser, server);
    page = alice.page;
    await alice.open('codecommit/home');
    await signIn(alice, UserName, 'Secret-123456');
    await page.getByRole('heading', { name: 'Repositories' }).waitFor();
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  test('code, README and history show as text what others wrote', async () => {
    await open('codecommit', '/repository/shop');
    await page.getByText('<script>window.stolen=1</script>').waitFor();
    await page.getByRole('link', { name: 'app.js' }).click();
    await page
      .getByRole('textbox', { name: 'Content of app.js' })
      .getByText('two of main')
      .waitFor();
    await page.getByRole('tab', { name: 'Commits' }).click();
    await page.getByRole('rowheader', { name: XSS }).first().waitFor();
    expect(await page.evaluate(() => 'stolen' in globalThis)).toBe(false);
  }, 90_000);

  test('a pull request: a comment on a line, an approval, a conflict resolved by a side', async () => {
    await open('codecommit', '/repository/shop/pull-request/1/changes');
    await page.getByRole('button', { name: 'Comment on line 2 of app.js, after' }).click();
    await page.getByRole('textbox', { name: 'Comment on line 2' }).fill(`Why? ${XSS}`);
    await page.getByRole('button', { name: 'Comment', exact: true }).click();
    await page.getByText(`Why? ${XSS}`).waitFor();
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await page.getByRole('button', { name: 'Revoke approval' }).waitFor();
    // An event can be faster than the answer, whose notice moves the page below a click.
    await page.getByText('You have approved this pull request.').waitFor();
    await page.getByRole('button', { name: 'Merge', exact: true }).click();
    await page.getByText('1 file is in conflict').waitFor();
    expect(await page.getByRole('button', { name: 'Merge pull request' }).isDisabled()).toBe(true);
    await page.getByRole('radio', { name: /As in feature/ }).click();
    await page.getByRole('button', { name: 'Merge pull request' }).click();
    await page.getByText('Pull request 1 has been merged.').waitFor();
    expect(await page.evaluate(() => 'stolen' in globalThis)).toBe(false);
  }, 120_000);

  test('why denied: what one may not leads to the statement that allows it', async () => {
    await open('iam', '/users');
    await page.getByText('You may not do this: iam:ListUsers').waitFor();
    await open('iam', '/denied');
    const row = page.getByRole('row').filter({ hasText: 'iam:ListUsers' }).first();
    await row.getByRole('radio').click();
    await page.getByText('This statement would allow it:').waitFor();
    await page.getByText('Still denied: nothing allows it').waitFor();
  }, 90_000);
});
