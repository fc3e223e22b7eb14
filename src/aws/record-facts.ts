/** What a service says of the records of its calls, where it is another thing than its operations' names tell. */
export interface RecordFacts {
  /** Operations on what a resource holds (objects, log lines) and not on the resource: CloudTrail's data events. */
  data?: readonly string[] | 'all';
  /** Operations that change nothing, though their names do not begin as those do. */
  readOnly?: readonly string[];
  /** Members that hold secrets and whose model does not say so: `EnvironmentVariable.value`. */
  secrets?: readonly (string | SecretWhere)[];
}

/** A member that holds secrets in some structures and not in others of the same shape. */
export interface SecretWhere {
  /** `ActionDeclaration.configuration` */
  member: string;
  /** Of the structure that has the member. */
  where(struct: Record<string, unknown>): boolean;
}

/** Something that a call touched: IAM was asked about it. */
export interface TouchedResource {
  arn: string;
  /** CloudFormation's name, where the service says it: `AWS::KMS::Key`. */
  type?: string | undefined;
}
