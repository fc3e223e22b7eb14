import * as client from '@aws-sdk/client-codecommit';
import { apiOf } from '../../aws/api.ts';
import { archiveOperations } from '../../aws/internal/codecommit-archive.ts';
import { defineService } from '../../kit/service.ts';
import { quotas } from './limits.ts';
import { migrations } from './migrations/index.ts';
import {
  cancelUploadArchive,
  getUploadArchiveStatus,
  uploadArchive,
} from './operations/archive.ts';
import { operations } from './operations/index.ts';
import { provides } from './provides.ts';
import { lfsBlobs } from './reconcilers/lfs-blobs.ts';
import { lfsObjects } from './reconcilers/lfs-objects.ts';
import { references } from './reconcilers/references.ts';
import { triggers } from './reconcilers/triggers.ts';
import { uploads } from './reconcilers/uploads.ts';
import { repository } from './resources/repository.ts';
import { routes } from './routes/index.ts';

/** Files of a commit: 20 MB in all, in base64. */
const api = apiOf(client, {
  hosts: ['git-codecommit'],
  bodyLimit: 32 * 1024 * 1024,
  // `RepositoryNameRequiredException`, `InvalidRepositoryNameException` …: one pair of errors a member (reference codecommit.md)
  validation: 'self',
  record: { readOnly: ['EvaluatePullRequestApprovalRules'] },
});

export default defineService({
  name: 'codecommit',
  apis: [
    { api, operations },
    // What CodePipeline's source action calls; AWS has the permissions but publishes no API.
    {
      api: { ...api, operations: archiveOperations },
      operations: { uploadArchive, getUploadArchiveStatus, cancelUploadArchive },
    },
  ],
  resources: [repository],
  migrations,
  reconcilers: [references, uploads, triggers, lfsBlobs, lfsObjects],
  routes,
  quotas,
  provides,
});
