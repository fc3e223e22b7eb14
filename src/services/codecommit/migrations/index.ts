import type { Migration } from '../../../db/database.ts';
import { repositories } from './0001-repositories.ts';
import { uploads } from './0002-uploads.ts';
import { triggers } from './0003-triggers.ts';
import { merges } from './0004-merges.ts';
import { pullRequests } from './0005-pull-requests.ts';
import { approvalRuleTemplates } from './0006-approval-rule-templates.ts';
import { comments } from './0007-comments.ts';
import { mergesUnderWay } from './0008-merges-under-way.ts';
import { lfs } from './0009-lfs.ts';
import { dataKeys } from './0010-data-keys.ts';
import { lfsPointers } from './0011-lfs-pointers.ts';

export const migrations: Migration[] = [
  repositories,
  uploads,
  triggers,
  merges,
  pullRequests,
  approvalRuleTemplates,
  comments,
  mergesUnderWay,
  lfs,
  dataKeys,
  lfsPointers,
];
