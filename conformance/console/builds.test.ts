import { CodeDeployClient } from '@aws-sdk/client-codedeploy';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ended } from '../codedeploy-hosts.ts';
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
import { buildEnded, makeDeployments, makeProject, startBuild, XSS } from './builds-made.ts';

// Builds and deployments as who looks for what went wrong goes through them; markup is planted wherever others can write.

const MINUTE = 60_000;
let server: TestServer;
let browser: Browser;
let deployments: Awaited<ReturnType<typeof makeDeployments>>;
let mary: Visitor;

describe.skipIf(noBrowser)('the console shows builds and deployments', () => {
  beforeAll(async () => {
    server = await startServer();
    deployments = await makeDeployments(server);
    await makeProject(server);
    const password = await makeUser(server, 'mary', EVERYTHING);
    browser = await startBrowser();
    mary = await visitor(browser, server);
    await mary.open('codebuild/home#/projects');
    await signIn(mary, 'mary', password);
  }, 3 * MINUTE);
  afterAll(async () => {
    await browser?.close();
    await deployments?.close();
    await server?.stop();
  });

  const quiet = async () => {
    expect(await mary.page.evaluate(() => 'stolen' in globalThis)).toBe(false);
    expect(mary.complaints).toEqual([]);
  };

  test(
    'a project is built, and its log is read, searched, folded and linked to',
    async () => {
      const { page } = mary;
      await page.getByRole('link', { name: 'shop', exact: true }).click();
      await page.getByRole('button', { name: 'Start build', exact: true }).click();
      const log = page.getByRole('log');
      await log.getByText('line 40 of many').waitFor();
      await page.getByText('Succeeded').first().waitFor();
      await page.getByRole('button', { name: 'Begin' }).click();
      expect(await log.getByText('green', { exact: true }).getAttribute('class')).toBe('ansi-fg-2');
      expect(await log.getByText(`log says ${XSS}`).count()).toBe(1);
      await page.getByRole('button', { name: 'Phase BUILD', exact: true }).click();
      expect(await log.getByText('line 7 of many').count()).toBe(0);
      await page.getByRole('button', { name: 'Link to line 12', exact: true }).click();
      expect(page.url()).toMatch(/view\/new#L12$/);
      await page.getByLabel('Search the log').fill('line 33 of many');
      await page.getByText('1 of 1', { exact: true }).waitFor();
      expect(await log.getByText('line 33 of many').isVisible()).toBe(true);
      await page.getByRole('tab', { name: 'Environment variables' }).click();
      await page.getByText('42', { exact: true }).waitFor();
      expect(await page.getByText('hunter2hunter2').count()).toBe(0);
      await quiet();
    },
    MINUTE,
  );

  test(
    'a build that failed says why, and is tried again',
    async () => {
      const { page } = mary;
      const id = await startBuild(server, { CODE: '3' });
      await buildEnded(server, id);
      await mary.open(`codebuild/home#/builds/${encodeURIComponent(id)}/view/new`);
      await page.getByText('COMMAND_EXECUTION_ERROR').first().waitFor();
      await page.getByRole('tab', { name: 'Reports' }).click();
      await page.getByRole('row').filter({ hasText: '1 of 2 passed' }).getByRole('link').click();
      await page.getByRole('button', { name: 'Message' }).click();
      await page
        .getByText(`at cart.js:7 ${XSS}`)
        .or(page.getByText('expected 2, was 3'))
        .first()
        .waitFor();
      await quiet();
      await page.goBack();
      await page.getByRole('button', { name: 'Retry build' }).click();
      await page.getByRole('heading', { name: 'shop #3' }).waitFor();
      await quiet();
    },
    MINUTE,
  );

  test(
    'a deployment shows which event failed on which instance, and what its script said',
    async () => {
      const { page } = mary;
      const id = await deployments.deploy('bad.zip', `echo '${XSS}'; exit 4`, `bad ${XSS}`);
      await ended(new CodeDeployClient(server.client), id);
      await mary.open('codedeploy/home#/deployments');
      await page.getByRole('link', { name: id }).click();
      await page.getByRole('button', { name: 'AfterInstall on two: Failed' }).click();
      const said = page.getByRole('region', { name: 'Script log' });
      expect(await said.textContent()).toContain(XSS);
      await page.getByRole('dialog').getByRole('button').first().click();
      await page.getByRole('button', { name: 'Redeploy' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Redeploy' }).click();
      await page.getByText('The revision is deployed again.').waitFor();
      await quiet();
    },
    MINUTE,
  );
});
