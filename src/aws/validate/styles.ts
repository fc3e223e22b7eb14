/** The error code under which a service answers input that fails its contract; undefined: it validates in its operations, with errors of its own. */
export type ValidationStyle = string | undefined;

/**
 * By API name. AWS's services either let their framework check the model (`N validation errors detected: …`)
 * or look themselves, member by member, and name the member in the error code.
 */
export const VALIDATION_STYLES: Record<string, ValidationStyle> = {
  // reference CP-A42
  codepipeline: 'ValidationException',
  // https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html#API_StartBuild_Errors
  codebuild: 'InvalidInputException',
  // `RepositoryNameRequiredException`, `InvalidRepositoryNameException` …: one pair of errors a member (reference codecommit.md)
  codecommit: undefined,
  // `ApplicationNameRequiredException`, `InvalidApplicationNameException` … (reference codedeploy.md)
  codedeploy: undefined,
  // `InvalidBucketName`, `MalformedXML` …: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
  s3: undefined,
  // https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
  kms: 'ValidationException',
  // https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html: the Query services say ValidationError
  iam: 'ValidationError',
  // https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
  sts: 'ValidationError',
  // https://docs.aws.amazon.com/systems-manager/latest/APIReference/CommonErrors.html
  ssm: 'ValidationException',
  // https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html
  secretsmanager: 'ValidationException',
  // https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html#API_CreateLogGroup_Errors
  logs: 'InvalidParameterException',
  // https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html
  events: 'ValidationException',
};
