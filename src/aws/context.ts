import type { AuthorizationQuery, Principal } from './principal.ts';
import type { TouchedResource } from './record-facts.ts';

/** What a question to IAM about the caller says beside action and resource. */
export interface AuthorizeOptions
  extends Partial<Pick<AuthorizationQuery, 'conditions' | 'owner' | 'resourcePolicy'>> {
  /** What a refusal calls the resource, where the ARN would tell more than the caller said. */
  named?: string | undefined;
  /** CloudFormation's name of the resource's type, for the record: `AWS::KMS::Key`. */
  type?: string | undefined;
}

/** What is known of a call once it has been authenticated. */
export interface RequestFacts {
  requestId: string;
  /** The API that was called, by the name that callers sign with: `codebuild`. */
  api: string;
  /** The account whose resources the call works on: the caller's. */
  accountId: string;
  /** From the credential scope of the signature. */
  region: string;
  principal: Principal;
  /** The key that signed the call; empty where none did. */
  accessKeyId?: string | undefined;
  /** The services through which the call has come, the first one first, as in ARNs: `s3`. */
  via: readonly string[];
  /** The service that calls, and the resource that it does so for, where it does not call for a caller of its own. */
  invokedFor?: { service: string; sourceArn: string } | undefined;
  /** What IAM was asked about so far: the resources in the call's record. */
  touched: TouchedResource[];
  /** Base URL under which the caller reached the server: for URLs in answers. */
  endpoint: string;
  /** `aws`, for ARNs. */
  partition: string;
  sourceIp: string;
  userAgent: string;
  /** Aborts when nobody waits for the answer any more: for what takes long and changes nothing. */
  signal: AbortSignal;
  /** What the client calls this call: SDKs make up an id (`amz-sdk-invocation-id`) that all tries of a call share. */
  invocationId?: string;
  /**
   * Asks IAM a further question about the caller, such as iam:PassRole.
   * @throws AccessDeniedException in AWS's words when the answer is no.
   */
  authorize(action: string, resource: string | string[], options?: AuthorizeOptions): Promise<void>;
  /** A pagination token only this account and operation can use; carries `state`. */
  sealToken(state: unknown): string;
  /** The state in a token made by sealToken, or undefined when it was forged or is another account's or operation's. */
  openToken(token: string): unknown;
}
