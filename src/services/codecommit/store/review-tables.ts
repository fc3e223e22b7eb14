/** Columns of the tables of pull requests, approval rule templates and comments. Times are epoch milliseconds; `body` is JSON. */

/** A pull request's number is unique in its account and region. */
interface OfPullRequest {
  account_id: string;
  region: string;
  pull_request: number;
}

export type ReviewTables = {
  codecommit_pull_request_counter: { account_id: string; region: string; last_number: number };
  codecommit_pull_request: OfPullRequest & {
    repository_id: string;
    status: string;
    author_arn: string;
    request_token: string | null;
    /** Full names of branches, and where they were when it was last looked, or when it was closed. */
    source_reference: string;
    source_commit: string;
    destination_reference: string;
    destination_commit: string;
    /** Where merges that have begun move the destination to, with spaces between them. */
    merging_commits: string;
    revision_id: string;
    activity: number;
    body: string;
  };
  codecommit_pull_request_event: OfPullRequest & {
    sequence: number;
    type: string;
    actor_arn: string;
    happened: number;
    body: string;
  };
  codecommit_revision: OfPullRequest & { revision_id: string; overrider_arn: string | null };
  codecommit_approval: OfPullRequest & { revision_id: string; user_arn: string };
  codecommit_template: {
    template_id: string;
    account_id: string;
    region: string;
    name: string;
    body: string;
  };
  codecommit_template_repository: { template_id: string; repository_id: string };
  codecommit_comment: {
    comment_id: string;
    account_id: string;
    region: string;
    repository_id: string;
    /** Null for one on a comparison of commits. */
    pull_request: number | null;
    /** Empty for one on a commit that has none before it. */
    before_commit: string;
    after_commit: string;
    author_arn: string;
    request_token: string | null;
    /** Counts the comments of a repository. */
    sequence: number;
    created: number;
    body: string;
  };
  codecommit_reaction: { comment_id: string; user_arn: string; reaction: string };
};
