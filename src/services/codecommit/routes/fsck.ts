import { HttpError } from '../../../aws/http-error.ts';
import type { Route } from '../../../kit/service.ts';
import { letIn } from '../keys/let-in.ts';
import { isRepositoryName } from '../model/names.ts';
import { findRepository, type RepositoryRecord, repositoryArn } from '../store/repositories.ts';

/** What `slipway fsck` asks: reads all of a repository, as it lies and as git sees it. AWS has no such operation. */
export const fsckRoute: Route<RepositoryRecord | undefined> = {
  ...{ api: 'slipway', operation: 'CheckRepository', methods: ['GET'] },
  path: '/_slipway/repositories/{repository}/fsck',
  identity: { by: 'sigv4', signingName: 'slipway' },
  async subject(platform, { labels: { repository: name = '' }, caller }) {
    if (!isRepositoryName(name)) throw notFound();
    const { accountId } = caller.principal;
    const region = caller.region ?? platform.config.region;
    const place = { accountId, region, name };
    const type = 'AWS::CodeCommit::Repository';
    const subject = await findRepository(platform.db, place);
    return { ...{ resource: repositoryArn(place), region, type }, subject };
  },
  async handle(platform, { subject: record, caller, request }) {
    if (!record) throw notFound();
    await letIn(platform, caller, record);
    const flaws = await platform.git.repository(record.repositoryId).fsck(request.signal);
    return {
      status: 200,
      headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
      body: JSON.stringify({ repositoryName: record.name, flaws }),
    };
  },
};

const notFound = () => new HttpError(404, 'Repository not found.');
