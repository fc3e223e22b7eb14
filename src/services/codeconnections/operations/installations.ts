import { randomBytes } from 'node:crypto';
import type {
  ListInstallationTargetsInput,
  ListInstallationTargetsOutput,
  PassConnectionInput,
  PassConnectionOutput,
  UpdateConnectionInstallationInput,
  UpdateConnectionInstallationOutput,
} from '../../../aws/internal/connection-operations.ts';
import type { Tx } from '../../../db/database.ts';
import { operation } from '../../../kit/operation.ts';
import { publicUrl } from '../../../kit/public-url.ts';
import { at, need } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidInput } from '../errors.ts';
import { type Connection, type Installation, usualUrl } from '../model/connection.ts';
import { gitUrl, isFullRepositoryId } from '../model/repository.ts';
import { WATCHES } from '../reconcilers/names.ts';
import { atConnection, connection, onConnection } from '../resources/connection.ts';
import { asAnswer } from '../sources/failure.ts';
import { realFile, sealedFor } from '../sources/remote.ts';
import { watchRepository } from '../sources/watching.ts';
import { webhookPath } from '../sources/webhook-path.ts';
import { deleteMapping, listMappings, saveConnection, saveMapping } from '../store/connections.ts';
import { findHost, saveHost } from '../store/hosts.ts';
import { listWatchesOf } from '../store/watches.ts';
import { conditionsOf } from './connections.ts';
import { ofBoth } from './declare.ts';

/** What AWS's console does with a connection that a person completes: docs/decisions/connections.md. */
export const updateConnectionInstallation = ofBoth(
  operation(
    'codeconnections',
    'updateConnectionInstallation',
    atConnection,
    async (
      ctx: ServiceContext,
      input: UpdateConnectionInstallationInput,
      located,
    ): Promise<UpdateConnectionInstallationOutput> => {
      const { FullRepositoryId: repository } = input;
      if (repository !== undefined && !isFullRepositoryId(repository))
        throw invalidInput(`${repository} is no name of a repository: it is OWNER/NAME.`);
      await lookOnDisk(ctx, input);
      const changed = await ctx.transaction(async (tx) => {
        const found = await need(tx, connection, located);
        const seen = { ...found, webhookSecret: found.webhookSecret ?? newSecret(ctx, found) };
        await change(ctx, tx, seen, input);
        return need(tx, connection, located);
      });
      return {
        WebhookUrl: `${publicUrl(ctx)}${webhookPath(changed.arn)}`,
        WebhookSecret: ctx.vault
          .open(changed.webhookSecret ?? '', sealedFor(changed.arn))
          .toString(),
      };
    },
  ),
);

const newSecret = (ctx: ServiceContext, { arn }: Connection) =>
  ctx.vault.seal(randomBytes(32).toString('base64url'), sealedFor(arn));

async function change(
  ctx: ServiceContext,
  tx: Tx,
  found: Connection,
  input: UpdateConnectionInstallationInput,
): Promise<void> {
  const { FullRepositoryId: fullRepositoryId, Remove: remove } = input;
  const host = found.hostArn && (await findHost(tx, { ...found, arn: found.hostArn }));
  await saveConnection(tx, found);
  if (fullRepositoryId !== undefined) {
    if (remove) await deleteMapping(tx, found.arn, fullRepositoryId);
    else {
      const its = installation(ctx, found.arn, input);
      await saveMapping(tx, found.arn, { fullRepositoryId, ...its });
    }
  } else if (remove) throw invalidInput('Of a connection only mappings can be removed.');
  else if (!found.installation || says(input)) {
    const Url = input.Url ?? usualUrl(found, host || undefined);
    const its = installation(ctx, found.arn, { ...input, Url });
    await saveConnection(tx, { ...found, installation: its });
    if (host) await saveHost(tx, { ...host, status: 'AVAILABLE' });
  } else return;
  // What has been waited for may be there now.
  for (const { id } of await listWatchesOf(tx, found.arn)) await ctx.engine.wake(tx, WATCHES, id);
}

/**
 * What is on this disk is there now, or it is a mistake: who says where it is hears of that, and not the pipeline's next run.
 * @throws InvalidInputException
 */
async function lookOnDisk(
  { config, git, signal }: ServiceContext,
  { Url = '', FullRepositoryId }: UpdateConnectionInstallationInput,
): Promise<void> {
  const read = gitUrl(Url);
  // What cannot be a URL is refused below, and so are all files where none may be read.
  if ('wrong' in read || !read.url.startsWith('file:') || config.fileRemotes.length === 0) return;
  try {
    await realFile(read.url, config.fileRemotes);
    if (FullRepositoryId !== undefined) await git.remoteReferences(read, signal);
  } catch (error) {
    throw asAnswer(error);
  }
}

/** Otherwise it asks for the webhook of a connection that is complete. */
const says = ({ Url, UserName, Password }: UpdateConnectionInstallationInput) =>
  Url !== undefined || UserName !== undefined || Password !== undefined;

function installation(
  ctx: ServiceContext,
  arn: string,
  { Url, UserName: userName, Password: password }: UpdateConnectionInstallationInput,
): Installation {
  if (Url === undefined) throw invalidInput('The URL under which the repositories are is needed.');
  const read = gitUrl(Url);
  if ('wrong' in read) throw invalidInput(`The URL cannot be used: ${read.wrong}.`);
  if (read.url.startsWith('file:') && ctx.config.fileRemotes.length === 0)
    throw invalidInput('This server reads no repositories on its disk (--allow-file-remotes).');
  if (userName !== undefined && !/^[^\p{C}:]{1,255}$/u.test(userName))
    throw invalidInput('The user name cannot be sent.');
  if (password !== undefined && !/^[^\p{C}]{1,4096}$/u.test(password))
    throw invalidInput('The password cannot be sent.');
  return {
    url: read.url,
    ...(userName !== undefined && { userName }),
    ...(password !== undefined && { password: ctx.vault.seal(password, sealedFor(arn)) }),
  };
}

export const listInstallationTargets = ofBoth(
  operation(
    'codeconnections',
    'listInstallationTargets',
    onConnection,
    async (
      ctx: ServiceContext,
      _input: ListInstallationTargetsInput,
      { arn, installation: whole },
    ): Promise<ListInstallationTargetsOutput> => {
      const viewOf = ({ url, userName }: Installation) => ({
        Url: url,
        ...(userName !== undefined && { UserName: userName }),
      });
      const mappings = await listMappings(ctx.db, arn);
      return {
        Targets: [
          ...(whole ? [viewOf(whole)] : []),
          ...mappings.map((one) => ({ FullRepositoryId: one.fullRepositoryId, ...viewOf(one) })),
        ],
      };
    },
  ),
);

/** Whether there is such a connection is seen when it is used. */
export const passConnection = ofBoth(
  operation(
    'codeconnections',
    'passConnection',
    at(connection, ({ ConnectionArn }: PassConnectionInput) => ConnectionArn, {
      conditions: (_ctx, { FullRepositoryId, PassedToService }) => ({
        ...conditionsOf('passedtoservice', PassedToService),
        ...conditionsOf('fullrepositoryid', FullRepositoryId),
      }),
    }),
    async (
      ctx: ServiceContext,
      { FullRepositoryId: repository = '' }: PassConnectionInput,
      located,
    ): Promise<PassConnectionOutput> => {
      if (!isFullRepositoryId(repository)) return {};
      await ctx.transaction(async (tx) => {
        const found = await connection.find(tx, located);
        if (found) await watchRepository(ctx, tx, found.arn, repository);
      });
      return {};
    },
  ),
);
