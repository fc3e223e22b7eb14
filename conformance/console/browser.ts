import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateLoginProfileCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { notHere } from '../run.ts';
import type { TestServer } from '../server.ts';

const root = join(import.meta.dirname, '../..');
const executablePath = [process.env.SLIPWAY_TEST_CHROMIUM, '/usr/bin/chromium'].find(
  (path) => path !== undefined && existsSync(path),
);

/** Why tests with a browser are skipped, or false. */
export const noBrowser = executablePath === undefined && notHere('chromium');

/** Chromium, with a console that is built of the sources as they are. */
export async function startBrowser(): Promise<Browser> {
  execFileSync(process.execPath, [...process.execArgv, 'console/build.ts', '--if-changed'], {
    cwd: root,
    stdio: 'ignore',
  });
  return chromium.launch({
    executablePath: executablePath ?? '',
    args: ['--no-sandbox', '--disable-background-networking'],
  });
}

/** A user's browser window. */
export interface Visitor {
  page: Page;
  context: BrowserContext;
  /** Opens an address of the console: `codepipeline/home?region=…#/view/web`. */
  open(path: string): Promise<void>;
  /** What the page has complained of so far: errors of its scripts, what the policy stopped, answers of 5xx. */
  complaints: string[];
}

const SLOW = 30_000;

/** Nobody yet: what he opens is the sign-in page. */
export async function visitor(browser: Browser, server: TestServer): Promise<Visitor> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  context.setDefaultTimeout(SLOW);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`${error}`));
  page.on('console', (message) => {
    // The browser says of each answer of 4xx that it is one, and when a container beside it comes or goes.
    if (message.type() === 'error' && !/status of 4\d\d|NETWORK_CHANGED/.test(message.text()))
      complaints.push(message.text());
  });
  page.on('response', (response) => {
    if (response.status() >= 500) complaints.push(`${response.status()} ${response.url()}`);
  });
  return {
    page,
    context,
    complaints,
    open: async (path) => {
      await page.goto(`${server.endpoint}/_slipway/console/${path}`);
    },
  };
}

const PASSWORD = 'Correct-horse-9';

/** A policy by which one may do everything. */
export const EVERYTHING = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

/** A user with a password, who may do what the policy says, or nothing. @returns the password */
export async function makeUser({ client }: TestServer, UserName: string, PolicyDocument?: string) {
  const iam = new IAMClient(client);
  await iam.send(new CreateUserCommand({ UserName }));
  await iam.send(new CreateLoginProfileCommand({ UserName, Password: PASSWORD }));
  if (PolicyDocument)
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'p', PolicyDocument }));
  return PASSWORD;
}

/** By the form, as people do it. */
export async function signIn({ page }: Visitor, userName: string, password: string) {
  await page.getByLabel('User name').fill(userName);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}
