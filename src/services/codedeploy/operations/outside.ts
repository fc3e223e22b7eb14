import * as sdk from '@aws-sdk/client-codedeploy';
import { exception } from '../../../aws/errors.ts';
import { pageOfList } from '../../../kit/pages.ts';
import { codedeploy } from './declare.ts';
import { asked } from './validate.ts';

// What others have made here: CloudFormation's deployments, and connections to GitHub from AWS's console. There are none.

/** Deployments that CloudFormation makes have an external id; none does (CD-MI-03). */
export const deleteResourcesByExternalId = codedeploy(
  'deleteResourcesByExternalId',
  {},
  async () => ({}),
);

/** Tokens come about by OAuth in AWS's console alone (CD-MI-01). */
export const listGitHubAccountTokenNames = codedeploy(
  'listGitHubAccountTokenNames',
  {},
  async (ctx, input) => {
    const none: string[] = [];
    const { items, nextToken } = pageOfList(ctx, asked(input), none, (name) => name);
    return { tokenNameList: items, nextToken };
  },
);

export const deleteGitHubAccountToken = codedeploy(
  'deleteGitHubAccountToken',
  {},
  async (_ctx, { tokenName: name }) => {
    if (!name)
      throw exception(
        sdk.GitHubAccountTokenNameRequiredException,
        'The call is missing a required GitHub account connection name.',
      );
    throw exception(
      sdk.GitHubAccountTokenDoesNotExistException,
      `No GitHub account connection exists with the name ${name} in the calling AWS account.`,
    );
  },
);
