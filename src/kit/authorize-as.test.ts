import { expect, test } from 'vitest';
import { rootPrincipal } from '../aws/auth/root.ts';
import { AwsError } from '../aws/errors.ts';
import type { AuthorizationQuery } from '../aws/principal.ts';
import { makeAuthorizeAs } from './authorize-as.ts';
import type { ActAs } from './platform.ts';

const ROLE = {
  service: 'codebuild.amazonaws.com',
  roleArn: 'arn:aws:iam::111111111111:role/build',
  sourceArn: 'arn:aws:codebuild:eu-west-1:111111111111:project/app',
  sessionName: 'session',
  region: 'eu-west-1',
};
const session = rootPrincipal('111111111111');
const [ACTION, GROUP] = [
  'codebuild:CreateReport',
  'arn:aws:codebuild:eu-west-1:111111111111:report-group/app-unit',
];

function asking(allowed: boolean) {
  const asked: AuthorizationQuery[] = [];
  const identified: unknown[] = [];
  const authorizeAs = makeAuthorizeAs({
    authorizer: {
      faultOf: () => undefined,
      async decide(query) {
        asked.push(query);
        return allowed
          ? { allowed }
          : { allowed, explicit: false, by: 'identity', resource: GROUP };
      },
    },
    identityOf: (actAs) => {
      identified.push(actAs);
      return async () => identityOf(actAs);
    },
    endpoint: () => 'http://localhost',
  });
  return { authorizeAs, asked, identified };
}

async function identityOf(actAs: ActAs) {
  if ('principal' in actAs) return actAs;
  if (!('roleArn' in actAs) || actAs.roleArn !== ROLE.roleArn)
    throw new AwsError('AccessDenied', 'no such role', 403);
  return { principal: session, region: actAs.region, invokedBy: actAs.service };
}

test('asks about the session of the role, in its region and for the service', async () => {
  const { authorizeAs, asked } = asking(true);
  await authorizeAs(ROLE, ACTION, GROUP);
  expect(asked).toMatchObject([
    {
      ...{ principal: session, action: ACTION, resources: [GROUP] },
      conditions: { 'aws:requestedregion': 'eu-west-1', 'aws:useragent': ROLE.service },
    },
  ]);
});

test('refuses in AWS’s words, and what may not be assumed may nothing', async () => {
  const { authorizeAs } = asking(false);
  const message = `User: ${session.arn} is not authorized to perform: ${ACTION} on resource: ${GROUP} because no identity-based policy allows the ${ACTION} action`;
  const refusal = { code: 'AccessDeniedException', message };
  await expect(authorizeAs(ROLE, ACTION, GROUP)).rejects.toMatchObject(refusal);
  const nobody = { ...ROLE, roleArn: `${ROLE.roleArn}-2` };
  await expect(authorizeAs(nobody, ACTION, GROUP)).rejects.toThrow('no such role');
});

test('a principal needs no role', async () => {
  const { authorizeAs, asked } = asking(true);
  const principal = rootPrincipal('222222222222');
  await authorizeAs({ principal, region: 'eu-west-1' }, ACTION, GROUP);
  expect(asked).toMatchObject([{ principal }]);
});

test('a role’s session is asked for once, for as long as it is good', async () => {
  const { authorizeAs, asked, identified } = asking(true);
  await authorizeAs(ROLE, ACTION, GROUP);
  await authorizeAs({ ...ROLE }, ACTION, GROUP);
  await authorizeAs({ ...ROLE, sessionName: 'other' }, ACTION, GROUP);
  expect([asked.length, identified.length]).toEqual([3, 2]);
});
