import type * as client from '@aws-sdk/client-codecommit';
import { notImplemented, type Operations } from '../../../aws/operation.ts';
import type { ServiceContext } from '../../service.ts';
import * as branches from './branches.ts';
import * as commits from './commits.ts';
import { createCommit, deleteFile, putFile } from './create-commit.ts';
import * as differences from './differences.ts';
import { getBlob, getFile, getFolder } from './files.ts';
import {
  batchGetRepositories,
  createRepository,
  deleteRepository,
  getRepository,
  listRepositories,
} from './repositories.ts';
import * as settings from './repository-settings.ts';
import * as tags from './tags.ts';

const merges = {
  batchDescribeMergeConflicts: notImplemented,
  createUnreferencedMergeCommit: notImplemented,
  describeMergeConflicts: notImplemented,
  getMergeCommit: notImplemented,
  getMergeConflicts: notImplemented,
  getMergeOptions: notImplemented,
  mergeBranchesByFastForward: notImplemented,
  mergeBranchesBySquash: notImplemented,
  mergeBranchesByThreeWay: notImplemented,
} as const;

const pullRequests = {
  createPullRequest: notImplemented,
  createPullRequestApprovalRule: notImplemented,
  deletePullRequestApprovalRule: notImplemented,
  describePullRequestEvents: notImplemented,
  evaluatePullRequestApprovalRules: notImplemented,
  getPullRequest: notImplemented,
  getPullRequestApprovalStates: notImplemented,
  getPullRequestOverrideState: notImplemented,
  listPullRequests: notImplemented,
  mergePullRequestByFastForward: notImplemented,
  mergePullRequestBySquash: notImplemented,
  mergePullRequestByThreeWay: notImplemented,
  overridePullRequestApprovalRules: notImplemented,
  updatePullRequestApprovalRuleContent: notImplemented,
  updatePullRequestApprovalState: notImplemented,
  updatePullRequestDescription: notImplemented,
  updatePullRequestStatus: notImplemented,
  updatePullRequestTitle: notImplemented,
} as const;

const approvalRuleTemplates = {
  associateApprovalRuleTemplateWithRepository: notImplemented,
  batchAssociateApprovalRuleTemplateWithRepositories: notImplemented,
  batchDisassociateApprovalRuleTemplateFromRepositories: notImplemented,
  createApprovalRuleTemplate: notImplemented,
  deleteApprovalRuleTemplate: notImplemented,
  disassociateApprovalRuleTemplateFromRepository: notImplemented,
  getApprovalRuleTemplate: notImplemented,
  listApprovalRuleTemplates: notImplemented,
  listAssociatedApprovalRuleTemplatesForRepository: notImplemented,
  listRepositoriesForApprovalRuleTemplate: notImplemented,
  updateApprovalRuleTemplateContent: notImplemented,
  updateApprovalRuleTemplateDescription: notImplemented,
  updateApprovalRuleTemplateName: notImplemented,
} as const;

const comments = {
  deleteCommentContent: notImplemented,
  getComment: notImplemented,
  getCommentReactions: notImplemented,
  getCommentsForComparedCommit: notImplemented,
  getCommentsForPullRequest: notImplemented,
  postCommentForComparedCommit: notImplemented,
  postCommentForPullRequest: notImplemented,
  postCommentReply: notImplemented,
  putCommentReaction: notImplemented,
  updateComment: notImplemented,
} as const;

const triggers = {
  getRepositoryTriggers: notImplemented,
  putRepositoryTriggers: notImplemented,
  testRepositoryTriggers: notImplemented,
} as const;

export const operations = {
  batchGetRepositories,
  createRepository,
  deleteRepository,
  getRepository,
  listRepositories,
  ...settings,
  updateRepositoryEncryptionKey: notImplemented,
  ...branches,
  ...commits,
  createCommit,
  deleteFile,
  putFile,
  getBlob,
  getFile,
  getFolder,
  ...differences,
  getBlobDifferences: notImplemented,
  ...merges,
  ...pullRequests,
  ...approvalRuleTemplates,
  ...comments,
  ...triggers,
  ...tags,
} satisfies Operations<typeof client, ServiceContext>;
