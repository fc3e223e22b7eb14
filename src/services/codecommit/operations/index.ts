import { operationsIn } from '../../../kit/operation.ts';
import * as approvalRuleTemplates from './approval-rule-templates.ts';
import * as approvalRules from './approval-rules.ts';
import * as approvals from './approvals.ts';
import * as branches from './branches.ts';
import * as changes from './changes.ts';
import * as commentLists from './comment-lists.ts';
import * as comments from './comments.ts';
import * as commits from './commits.ts';
import * as differences from './differences.ts';
import * as files from './files.ts';
import * as mergeConflicts from './merge-conflicts.ts';
import * as merges from './merges.ts';
import * as pullRequestEvents from './pull-request-events.ts';
import * as pullRequestMerges from './pull-request-merges.ts';
import * as pullRequests from './pull-requests.ts';
import * as reactions from './reactions.ts';
import * as repositories from './repositories.ts';
import * as repositorySettings from './repository-settings.ts';
import * as tags from './tags.ts';
import * as templateAssociations from './template-associations.ts';
import * as triggers from './triggers.ts';

export const operations = operationsIn(
  approvalRuleTemplates,
  approvalRules,
  approvals,
  commentLists,
  comments,
  pullRequestEvents,
  pullRequestMerges,
  pullRequests,
  reactions,
  templateAssociations,
  branches,
  commits,
  changes,
  differences,
  files,
  mergeConflicts,
  merges,
  repositories,
  repositorySettings,
  tags,
  triggers,
);
