import { AwsError } from '../../aws/errors.ts';

// Modelled errors without an exception class: the client package is not there (src/aws/apis/).

export const invalid = (message: string) => new AwsError('ValidationException', message);

export const invalidToken = () =>
  new AwsError('InvalidNextTokenException', 'The value for the enumeration token is not valid.');

export const ruleNotFound = (arn: string) =>
  new AwsError('ResourceNotFoundException', `The notification rule ${arn} does not exist.`, 404);

export const ruleExists = (name: string) =>
  new AwsError(
    'ResourceAlreadyExistsException',
    `A notification rule with the name ${name} already exists.`,
    409,
  );

export const misconfigured = (message: string) => new AwsError('ConfigurationException', message);
export const limitExceeded = (message: string) => new AwsError('LimitExceededException', message);
