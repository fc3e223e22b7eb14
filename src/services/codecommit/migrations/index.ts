import type { Migration } from '../../../db/database.ts';
import { repositories } from './0001-repositories.ts';
import { uploads } from './0002-uploads.ts';
import { triggers } from './0003-triggers.ts';
import { merges } from './0004-merges.ts';
import { pullRequests } from './0005-pull-requests.ts';
import { approvalRuleTemplates } from './0006-approval-rule-templates.ts';
import { comments } from './0007-comments.ts';
import { dataKeys } from './0008-data-keys.ts';

export const migrations: Migration[] = [
  repositories,
  uploads,
  triggers,
  merges,
  pullRequests,
  approvalRuleTemplates,
  comments,
  dataKeys,
];
