import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPolicy, type Place, pipelinePolicy, trust } from '../src/cli/demo/policies.ts';
import { aws, awsError, noAws } from './aws.ts';
import { eventually } from './eventually.ts';
import { succeed } from './run.ts';
import { cliEnvironment, startServer, type TestServer } from './server.ts';
import { type Typed, words } from './words.ts';

/** Issue "from git push to a running application", 2: typed with the plain aws command by a user with least privilege. */
describe.skipIf(noAws)(
  `the journey by the aws command${noAws ? ` (skipped: ${noAws})` : ''}`,
  () => {
    let server: TestServer;
    /** The user who types: may do what the journey takes and nothing else. */
    let operator: { endpoint: string; env: NodeJS.ProcessEnv };
    let directory: string;
    let place: Place;

    beforeAll(async () => {
      directory = mkdtempSync(join(tmpdir(), 'slipway-cli-'));
      server = await startServer();
      place = { accountId: server.accountId, region: server.region, bucket: 'web-app-artifacts' };
      operator = await makeOperator();
    });

    afterAll(async () => {
      await server?.stop();
      rmSync(directory, { recursive: true, force: true });
    });

    const json = (value: unknown) => JSON.stringify(value);
    const by = (...typed: Typed) => aws(operator)(...typed);
    const refused = (...typed: Typed) => awsError(operator)(...typed);

    async function makeOperator() {
      const { accountId: a, region: r } = server;
      const statements = [
        [
          ['s3:CreateBucket', 's3:PutBucketVersioning', 's3:ListBucket'],
          `arn:aws:s3:::${place.bucket}`,
        ],
        [
          ['iam:CreateRole', 'iam:PutRolePolicy', 'iam:PassRole', 'iam:GetRole'],
          `arn:aws:iam::${a}:role/web-app-*`,
        ],
        [['iam:CreateServiceSpecificCredential'], `arn:aws:iam::${a}:user/operator`],
        [
          [
            'codecommit:CreateRepository',
            'codecommit:GitPush',
            'codecommit:GitPull',
            'codecommit:GetRepository',
          ],
          `arn:aws:codecommit:${r}:${a}:web-app`,
        ],
        [['ssm:PutParameter'], `arn:aws:ssm:${r}:${a}:parameter/web-app/*`],
        [['secretsmanager:CreateSecret'], `arn:aws:secretsmanager:${r}:${a}:secret:web-app/*`],
        [['codebuild:CreateProject'], `arn:aws:codebuild:${r}:${a}:project/web-app-build`],
        [
          [
            'codepipeline:CreatePipeline',
            'codepipeline:GetPipelineState',
            'codepipeline:UpdatePipeline',
            'codepipeline:ListPipelineExecutions',
            'codepipeline:StartPipelineExecution',
            'codepipeline:ListActionExecutions',
            'codepipeline:DeletePipeline',
          ],
          `arn:aws:codepipeline:${r}:${a}:web-app*`,
        ],
        [
          ['codepipeline:PutApprovalResult'],
          `arn:aws:codepipeline:${r}:${a}:web-app/Approval/Release`,
        ],
      ];
      const Statement = statements.map(([Action, Resource]) => ({
        Effect: 'Allow',
        Action,
        Resource,
      }));
      await aws(server)`iam create-user --user-name operator`;
      const document = json({ Version: '2012-10-17', Statement });
      await aws(server)`iam put-user-policy --user-name operator --policy-name least
        --policy-document ${document}`;
      const { AccessKey } = (await aws(server)`iam create-access-key --user-name operator`) as {
        AccessKey: { AccessKeyId: string; SecretAccessKey: string };
      };
      const env = cliEnvironment({
        ...server,
        accessKeyId: AccessKey.AccessKeyId,
        secretAccessKey: AccessKey.SecretAccessKey,
      });
      return { endpoint: server.endpoint, env };
    }

    const roleArn = (name: string) => `arn:aws:iam::${server.accountId}:role/${name}`;

    async function makeRole(name: string, service: string, policy: string) {
      await by`iam create-role --role-name ${name}
        --assume-role-policy-document ${trust(service)}`;
      await by`iam put-role-policy --role-name ${name} --policy-name ${name}
        --policy-document ${policy}`;
    }

    function pipeline(
      changes: {
        roleArn?: string;
        branch?: string;
        repository?: string;
        name?: string;
        key?: string;
      } = {},
    ) {
      const type = (category: string, provider: string) => ({
        category,
        owner: 'AWS',
        provider,
        version: '1',
      });
      return json({
        name: changes.name ?? 'web-app',
        roleArn: changes.roleArn ?? roleArn('web-app-pipeline'),
        artifactStore: {
          type: 'S3',
          location: place.bucket,
          ...(changes.key ? { encryptionKey: { id: changes.key, type: 'KMS' } } : {}),
        },
        stages: [
          {
            name: 'Source',
            actions: [
              {
                name: 'Commit',
                actionTypeId: type('Source', 'CodeCommit'),
                configuration: {
                  RepositoryName: changes.repository ?? 'web-app',
                  BranchName: changes.branch ?? 'main',
                },
                outputArtifacts: [{ name: 'SourceCode' }],
              },
            ],
          },
          {
            name: 'Build',
            actions: [
              {
                name: 'Pack',
                actionTypeId: type('Build', 'CodeBuild'),
                configuration: { ProjectName: 'web-app-build' },
                inputArtifacts: [{ name: 'SourceCode' }],
                outputArtifacts: [{ name: 'Package' }],
              },
            ],
          },
          {
            name: 'Approval',
            actions: [{ name: 'Release', actionTypeId: type('Approval', 'Manual') }],
          },
        ],
      });
    }

    interface State {
      stageStates: {
        stageName: string;
        latestExecution?: { status: string };
        actionStates: {
          actionName: string;
          latestExecution?: {
            status: string;
            token?: string;
            errorDetails?: { code: string; message: string };
          };
        }[];
      }[];
    }

    const stateOf = async (name: string) =>
      (await by`codepipeline get-pipeline-state --name ${name}`) as unknown as State;

    const action = async (name: string, stage: string) =>
      (await stateOf(name)).stageStates.find((s) => s.stageName === stage)?.actionStates[0]
        ?.latestExecution;

    /** The error of the source action once it has failed. */
    const sourceFailure = (name: string) =>
      eventually(`the source of ${name} to fail`, async () => {
        const source = await action(name, 'Source');
        return source?.status === 'Failed' ? source.errorDetails : undefined;
      });

    test('bucket, roles, parameter, secret, repository, project', async () => {
      await succeed(
        'aws',
        ['--endpoint-url', operator.endpoint, 's3', 'mb', `s3://${place.bucket}`],
        { env: operator.env },
      );
      await by`s3api put-bucket-versioning --bucket ${place.bucket}
        --versioning-configuration Status=Enabled`;
      await makeRole('web-app-pipeline', 'codepipeline.amazonaws.com', pipelinePolicy(place));
      await makeRole('web-app-build', 'codebuild.amazonaws.com', buildPolicy(place));
      await by`ssm put-parameter --name /web-app/greeting --type String --value Hello`;
      await by`secretsmanager create-secret --name web-app/signing
        --secret-string '{"key":"secret-value"}'`;
      await by`codecommit create-repository --repository-name web-app`;
      await by`codebuild create-project --name web-app-build --source type=CODEPIPELINE
        --artifacts type=CODEPIPELINE
        --environment type=LINUX_CONTAINER,image=any,computeType=BUILD_GENERAL1_SMALL
        --service-role ${roleArn('web-app-build')}`;
    });

    test('git push with IAM git credentials', async () => {
      const created = await by`iam create-service-specific-credential --user-name operator
        --service-name codecommit.amazonaws.com`;
      const { ServiceUserName, ServicePassword } = created.ServiceSpecificCredential as Record<
        string,
        string
      >;
      const buildspec = `version: 0.2
env:
  parameter-store: { GREETING: /web-app/greeting }
  secrets-manager: { KEY: 'web-app/signing:key' }
phases:
  build:
    commands:
      - echo "$GREETING" > greeting.txt
      - echo "the key is $KEY"
artifacts:
  files: greeting.txt
`;
      writeFileSync(join(directory, 'buildspec.yml'), buildspec);
      const url = new URL(`${server.endpoint}/v1/repos/web-app`);
      const env = { ...operator.env, GIT_USER: ServiceUserName, GIT_PASSWORD: ServicePassword };
      const helper =
        'credential.helper=!f() { echo "username=$GIT_USER"; echo "password=$GIT_PASSWORD"; }; f';
      const asOperator = words`-c user.name=o -c user.email=o@example.com -c ${helper}`;
      const git = (...typed: Typed) =>
        succeed('git', [...asOperator, ...words(...typed)], { cwd: directory, env });
      await git`init -q -b main`;
      await git`add .`;
      await git`commit -q -m First`;
      await git`push -q ${url.href} main`;
    });

    test('the pipeline builds, waits for the approval, and goes on', async () => {
      await by`codepipeline create-pipeline --pipeline ${pipeline()}`;
      const token = await eventually('the approval', async () => {
        const approval = await action('web-app', 'Approval');
        return approval?.token;
      });
      expect((await action('web-app', 'Build'))?.status).toBe('Succeeded');
      await by`codepipeline put-approval-result --pipeline-name web-app --stage-name Approval
        --action-name Release --token ${token} --result summary=fine,status=Approved`;
      await eventually(
        'the end',
        async () => (await action('web-app', 'Approval'))?.status === 'Succeeded',
      );
    });

    test('the secret does not stand in the build’s log', async () => {
      const output = await succeed(
        'aws',
        [
          '--endpoint-url',
          server.endpoint,
          'logs',
          'filter-log-events',
          '--log-group-name',
          '/aws/codebuild/web-app-build',
        ],
        { env: server.env },
      );
      expect(output).toContain('the key is ***');
      expect(output).not.toContain('secret-value');
    });

    test('CP-A38: a role that does not exist, and one that trusts another service', async () => {
      const code =
        'InvalidStructureException: CodePipeline is not authorized to perform AssumeRole on role';
      const missing = pipeline({ name: 'web-app-2', roleArn: roleArn('web-app-nobody') });
      expect(await refused`codepipeline create-pipeline --pipeline ${missing}`).toContain(code);
      const wrong = pipeline({ name: 'web-app-2', roleArn: roleArn('web-app-build') });
      expect(await refused`codepipeline create-pipeline --pipeline ${wrong}`).toContain(code);
    });

    test('a role that the user may not pass, and an operation that it may not call', async () => {
      const other = pipeline({ name: 'web-app-2', roleArn: roleArn('other') });
      expect(await refused`codepipeline create-pipeline --pipeline ${other}`).toMatch(
        /^AccessDeniedException: .*iam:PassRole/,
      );
      expect(await refused`codebuild list-projects`).toMatch(
        /^AccessDeniedException: User: .*codebuild:ListProjects/,
      );
      expect(await refused`iam list-users`).toMatch(/^AccessDenied: /);
    });

    test('CP-C37: no such repository, no such branch', async () => {
      await by`codepipeline create-pipeline
        --pipeline ${pipeline({ name: 'web-app-3', repository: 'nothing' })}`;
      const repository = await sourceFailure('web-app-3');
      // The pipeline's role names one repository only: whether another exists is not for it to know.
      expect(repository?.code).toBe('PermissionError');
      await by`codepipeline create-pipeline
        --pipeline ${pipeline({ name: 'web-app-4', branch: 'nothing' })}`;
      const branch = await sourceFailure('web-app-4');
      expect(branch?.code).toBe('ConfigurationError');
      expect(branch?.message).toContain('nothing');
    });

    test('a KMS key that the role may not use', async () => {
      const { KeyMetadata } = (await aws(server)`kms create-key`) as {
        KeyMetadata: { Arn: string };
      };
      await by`codepipeline create-pipeline
        --pipeline ${pipeline({ name: 'web-app-5', key: KeyMetadata.Arn })}`;
      const denied = await sourceFailure('web-app-5');
      expect(denied?.code).toBe('PermissionError');
      expect(denied?.message).toContain('kms:GenerateDataKey');
    });
  },
);
