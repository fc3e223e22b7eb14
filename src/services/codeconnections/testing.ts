import { createHmac } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  type CodeStarConnectionsClient,
  CreateConnectionCommand,
} from '@aws-sdk/client-codestar-connections';
import type { WireResponse } from '../../aws/http.ts';
import { UpdateConnectionInstallationCommand } from '../../aws/internal/connection-operations.ts';
import { gitClient, temporaryGitHost } from '../../git/testing.ts';
import type { World } from '../../testing.ts';

/** A provider of repositories for tests: a directory with working copies, `OWNER/NAME` each. */
export async function provider() {
  const { directory, close } = await temporaryGitHost();
  const root = join(directory, 'provider');
  await mkdir(root);
  return {
    root,
    close,
    async repository(name: string) {
      const work = join(root, name);
      await mkdir(work, { recursive: true });
      const git = async (...args: string[]) => (await gitClient(work, args)).stdout.trim();
      await git('init', '--quiet', '--initial-branch=main');
      return {
        git,
        /** @returns its id */
        async commit(files: Record<string, string>, message = 'a change') {
          for (const [path, content] of Object.entries(files)) {
            await mkdir(join(work, path, '..'), { recursive: true });
            await writeFile(join(work, path), content);
          }
          await git('add', '-A');
          await git('commit', '--quiet', '-m', message);
          return git('rev-parse', 'HEAD');
        },
      };
    },
  };
}

/** A connection that is complete. */
export async function connect(client: CodeStarConnectionsClient, root: string) {
  const { ConnectionArn = '' } = await client.send(
    new CreateConnectionCommand({ ProviderType: 'GitHub', ConnectionName: 'git' }),
  );
  const completed = await client.send(
    new UpdateConnectionInstallationCommand({ ConnectionArn, Url: `file://${root}` }),
  );
  const { WebhookUrl = '', WebhookSecret = '' } = completed;
  return { arn: ConnectionArn, webhook: { url: WebhookUrl, secret: WebhookSecret } };
}

/** As GitHub signs what it sends. */
export function signedByGitHub(secret: string, event: string, body: object) {
  const text = JSON.stringify(body);
  const hex = createHmac('sha256', secret).update(text).digest('hex');
  const headers = { 'x-github-event': event, 'x-hub-signature-256': `sha256=${hex}` };
  return { headers, body: text };
}

/** A call of a provider's, as it comes in. */
export async function post(
  { server }: World,
  url: string,
  { headers, body }: { headers: Record<string, string>; body: string },
): Promise<WireResponse> {
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  return server.handle({
    ...{ method: 'POST', path: new URL(url).pathname, query: '', remoteAddress: '192.0.2.1' },
    ...{ headers: { ...headers, ...length }, endpoint: new URL(url).origin },
    body: Readable.from([Buffer.from(body)]),
  });
}
