import { unsupported } from '../../../aws/errors.ts';
import { authorizeOn } from '../../../kit/resource.ts';
import type { ServiceContext } from '../../../kit/service.ts';
import { invalidInput, linkNotFound, notFound } from '../errors.ts';
import { link, onLink } from '../resources/connection.ts';
import { findLink } from '../store/links.ts';
import { connections, renaming } from './declare.ts';

/*
 * Git sync of CloudFormation stacks. A sync that cannot run is not made (principle 2), so that there is none to be found,
 * changed or told of: docs/decisions/connections.md.
 */

export const createSyncConfiguration = connections(
  'createSyncConfiguration',
  {},
  async (ctx, input) => {
    const { RepositoryLinkId: id = '', SyncType, ResourceName } = input;
    if (!(await passRepository(ctx, id)))
      throw invalidInput(`Repository link ${id} does not exist.`);
    throw unsupported(
      `the sync of CloudFormation stacks (${SyncType} of ${ResourceName} under a RoleArn)`,
    );
  },
);

interface Named {
  SyncType?: string | undefined;
  ResourceName?: string | undefined;
}

const none = ({ SyncType, ResourceName }: Named) =>
  notFound(`There is no sync configuration of ${ResourceName} (${SyncType}).`);

export const getSyncConfiguration = connections('getSyncConfiguration', {}, async (_ctx, input) => {
  throw none(input);
});

export const getResourceSyncStatus = connections(
  'getResourceSyncStatus',
  {},
  async (_ctx, input) => {
    throw none(input);
  },
);

export const getSyncBlockerSummary = connections(
  'getSyncBlockerSummary',
  {},
  async (_ctx, input) => {
    throw none(input);
  },
);

export const updateSyncBlocker = connections('updateSyncBlocker', {}, async (_ctx, input) => {
  throw none(input);
});

export const updateSyncConfiguration = connections(
  'updateSyncConfiguration',
  {},
  async (ctx, input) => {
    const { RepositoryLinkId: id } = input;
    if (id !== undefined && !(await passRepository(ctx, id))) throw linkNotFound(id);
    throw none(input);
  },
);

/** @returns whether there is such a link */
async function passRepository(ctx: ServiceContext, id: string): Promise<boolean> {
  const located = link.locate(ctx, id);
  await authorizeOn(renaming(ctx), link, located, 'codeconnections:PassRepository');
  return (await findLink(ctx.db, located)) !== undefined;
}

/** There is nothing to delete, and AWS declares no error that says so. */
export const deleteSyncConfiguration = connections('deleteSyncConfiguration', {}, async () => ({}));

export const listSyncConfigurations = connections(
  'listSyncConfigurations',
  onLink,
  async (_ctx, { NextToken }) => {
    if (NextToken !== undefined) throw invalidInput('The NextToken is not valid.');
    return { SyncConfigurations: [] };
  },
);

export const listRepositorySyncDefinitions = connections(
  'listRepositorySyncDefinitions',
  onLink,
  async () => ({ RepositorySyncDefinitions: [] }),
);

export const getRepositorySyncStatus = connections(
  'getRepositorySyncStatus',
  onLink,
  async (_ctx, { Branch }) => {
    throw notFound(`Nothing has been synced from the branch ${Branch}.`);
  },
);
