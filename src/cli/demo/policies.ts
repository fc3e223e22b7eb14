/** The names that the demo gives to what it makes. */
export const NAMES = {
  repository: 'web-app',
  branch: 'main',
  project: 'web-app-build',
  application: 'web-app',
  group: 'production',
  pipeline: 'web-app',
  parameter: '/web-app/greeting',
  secret: 'web-app/signing',
} as const;

/** The names of what a pipeline is made of. */
export type Names = Readonly<Record<keyof typeof NAMES, string>>;

export interface Place {
  accountId: string;
  region: string;
  bucket: string;
  /** Default: the demo's. */
  names?: Names;
}

const namesOf = ({ names = NAMES }: Place): Names => names;

interface Statement {
  Effect: 'Allow';
  Action: string[];
  Resource: string | string[];
}

const allow = (Action: string[], Resource: string | string[]): Statement => ({
  Effect: 'Allow',
  Action,
  Resource,
});
const document = (...Statement: object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement });

/** A trust policy for one AWS service. */
export function trust(service: string): string {
  return document({ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' });
}

const objects = (place: Place) => `arn:aws:s3:::${place.bucket}/*`;
const arn = (place: Place, service: string, resource: string) =>
  `arn:aws:${service}:${place.region}:${place.accountId}:${resource}`;

/** What the pipeline itself does: read the source, keep artifacts, start builds and deployments. */
export function pipelinePolicy(place: Place): string {
  return document(
    allow(['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], objects(place)),
    allow(
      [
        'codecommit:GetBranch',
        'codecommit:GetCommit',
        'codecommit:UploadArchive',
        'codecommit:GetUploadArchiveStatus',
        'codecommit:CancelUploadArchive',
      ],
      arn(place, 'codecommit', namesOf(place).repository),
    ),
    allow(
      ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'],
      arn(place, 'codebuild', `project/${namesOf(place).project}`),
    ),
    allow(
      ['codedeploy:CreateDeployment', 'codedeploy:GetDeployment'],
      arn(
        place,
        'codedeploy',
        `deploymentgroup:${namesOf(place).application}/${namesOf(place).group}`,
      ),
    ),
    allow(
      ['codedeploy:RegisterApplicationRevision', 'codedeploy:GetApplicationRevision'],
      arn(place, 'codedeploy', `application:${namesOf(place).application}`),
    ),
    allow(['codedeploy:GetDeploymentConfig'], arn(place, 'codedeploy', 'deploymentconfig:*')),
  );
}

const TESTS = 'codebuild:BatchPutTestCases';

/** What any buildspec may have a build do, whatever its reports tell, and that one may look into it. */
export const anyBuildPolicy = (place: Place): string => {
  const { Statement, ...rest } = JSON.parse(
    buildPolicy(place, [TESTS, 'codebuild:BatchPutCodeCoverages']),
  );
  const channels = [
    'CreateControlChannel',
    'CreateDataChannel',
    'OpenControlChannel',
    'OpenDataChannel',
  ];
  const session = allow(
    channels.map((action) => `ssmmessages:${action}`),
    '*',
  );
  return JSON.stringify({ ...rest, Statement: [...Statement, session] });
};

/**
 * What a build does: read its source, parameter and secret, write logs, reports and artifacts.
 * @param reported what it tells its reports
 */
export function buildPolicy(place: Place, reported = [TESTS]): string {
  const logs = arn(place, 'logs', `log-group:/aws/codebuild/${namesOf(place).project}`);
  return document(
    allow(['s3:GetObject', 's3:PutObject'], objects(place)),
    allow(
      ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
      [logs, `${logs}:*`],
    ),
    allow(['ssm:GetParameters'], arn(place, 'ssm', `parameter${namesOf(place).parameter}`)),
    allow(
      ['secretsmanager:GetSecretValue'],
      arn(place, 'secretsmanager', `secret:${namesOf(place).secret}-*`),
    ),
    allow(
      [
        'codebuild:CreateReportGroup',
        'codebuild:CreateReport',
        'codebuild:UpdateReport',
        ...reported,
      ],
      arn(place, 'codebuild', `report-group/${namesOf(place).project}-*`),
    ),
  );
}

/** What an instance does: fetch revisions, each of them a version of an object. */
export function instancePolicy(place: Place): string {
  return document(allow(['s3:GetObjectVersion'], objects(place)));
}

/** What the developer does: push. */
export function developerPolicy(place: Place): string {
  return document(
    allow(['codecommit:GitPush'], arn(place, 'codecommit', namesOf(place).repository)),
  );
}
