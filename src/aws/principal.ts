import type { KeyObject } from 'node:crypto';

/** Temporary credentials of GetSessionToken without MFA: IAM and most of STS do not take them. */
type OfSessionToken = { session?: 'GetSessionToken' };

/** What a session was given when it was made, beside the rights of the identity that it is of. */
export interface SessionTerms {
  /** Of these documents and managed policies one must allow what the session does; without any, nothing is asked. */
  policies?: { document?: string; arns: string[] };
  /** `aws:PrincipalTag/…`, before those of the role. */
  tags?: { Key: string; Value: string }[];
  /** Keys of the tags that go on to a role which the session assumes. */
  transitiveTagKeys?: string[];
  sourceIdentity?: string;
}

/** Who makes a call. ARNs are the ones that GetCallerIdentity returns. */
export type Principal =
  | ({ type: 'root'; accountId: string; arn: string; userId: string } & OfSessionToken)
  | ({
      type: 'user';
      accountId: string;
      arn: string;
      userId: string;
      userName: string;
    } & OfSessionToken)
  | {
      type: 'assumed-role';
      accountId: string;
      /** `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION` */
      arn: string;
      /** `AROA…:SESSION` */
      userId: string;
      roleArn: string;
      roleName: string;
      sessionName: string;
      /** When the session was made, in epoch milliseconds. */
      issuedAt?: number;
      /** The service that made it for itself, and its resource: an EC2 instance. No caller of AssumeRole can say so. */
      issuedTo?: { service: string; sourceArn: string };
      terms?: SessionTerms;
    }
  /** The session that a user or the root gives to somebody whom only it knows (GetFederationToken). */
  | {
      type: 'federated-user';
      accountId: string;
      /** `arn:aws:sts::ACCOUNT:federated-user/NAME` */
      arn: string;
      /** `ACCOUNT:NAME` */
      userId: string;
      name: string;
      /** Whose rights the session has, as far as its policies allow them as well. */
      issuer: { type: 'user' | 'root'; arn: string; userId: string };
      /** Policies are always there: a session that was given none may nothing of itself. */
      terms: SessionTerms & Required<Pick<SessionTerms, 'policies'>>;
    }
  /** An AWS service acting for itself, such as `codepipeline.amazonaws.com` when it assumes a role. */
  | {
      type: 'service';
      /** The account of the resource that it acts for. */
      accountId: string;
      arn: string;
      userId: string;
      service: string;
      /** The resource that it acts for, such as a pipeline. */
      sourceArn: string;
      /** Actions that it may do in that account without anybody's policy. */
      may?: readonly string[];
    };

/** What authentication needs to know of an access key. */
export interface AccessKey {
  accessKeyId: string;
  secretAccessKey: string;
  /** Present for temporary credentials: the request must carry exactly this token. */
  sessionToken?: string;
  expires?: Date;
  /** Inactive also when the user or role of a session is gone, or another one has its name. */
  status: 'Active' | 'Inactive';
  principal: Principal;
}

/** Looks credentials up. Declared here, provided by IAM. */
export interface CredentialStore {
  /**
   * The key with this id, or undefined when there is none.
   * @param sessionToken what the request carries: temporary keys live in their sealed token, not in the
   * database, so a temporary key is only found together with its own token
   */
  findAccessKey(accessKeyId: string, sessionToken?: string): Promise<AccessKey | undefined>;
  /** Is the user or role that a session is of, by its unique id, still there? */
  isCurrent(principal: Principal): Promise<boolean>;
  /** The user behind a service-specific credential (git over HTTPS), or undefined when name or password is wrong. */
  findServiceSpecificCredential(
    serviceName: string,
    userName: string,
    password: string,
  ): Promise<Principal | undefined>;
  /** The SSH public key with this id (`APKA…`) and its user, or undefined when there is none. */
  findSshPublicKey(id: string): Promise<UserSshKey | undefined>;
}

/** What SSH needs to know of a user's public key. */
export interface UserSshKey {
  /** As SSH sends it. */
  blob: Buffer;
  key: KeyObject;
  status: 'Active' | 'Inactive';
  principal: Principal;
}

/** One question to the policy evaluator. */
export interface AuthorizationQuery {
  principal: Principal;
  /** Such as `codebuild:StartBuild`. */
  action: string;
  /** ARNs; every one must be allowed. `*` where the action has no resource. */
  resources: string[];
  /** Condition keys in lower case, such as `iam:passedtoservice`, and their values. */
  conditions: Conditions;
  /**
   * The account that owns the resources; the principal's when nothing is said. Another account's are for those alone
   * whom both their own policies and that of the resource allow in.
   */
  owner?: string;
  resourcePolicy?: ResourcePolicy;
}

/** Condition keys in lower case, and their values. */
export type Conditions = Record<string, string | string[]>;

/** A resource's own policy, where it has one: a role's trust policy, a key's, a bucket's. */
export interface ResourcePolicy {
  /** JSON. */
  document: string;
  kind: 'trust' | 'resource';
  /** Nobody gets in whom this policy does not name, whatever his own policies say: roles, KMS keys. */
  required: boolean;
}

/** Policies by where they are: of the caller's user or role, of the resource, and the two that only limit. */
export type PolicyType = 'identity' | 'resource' | 'boundary' | 'session';

export type Refusal = {
  allowed: false;
  /** A statement denies it; else no statement allows it. */
  explicit: boolean;
  /** The kind of policy that denies, or that should allow. Of several, one is told, as by AWS. */
  by: PolicyType;
};

/** `resource`: the first of the query that is refused. */
export type Decision = { allowed: true } | (Refusal & { resource: string });

/** Decides whether a principal may do something. Declared here, provided by IAM. */
export interface Authorizer {
  decide(query: AuthorizationQuery): Promise<Decision>;
  /** What AWS has against the document of a session policy or a resource's, or undefined when it takes it. */
  faultOf(policy: string, kind: 'identity' | 'resource'): string | undefined;
}
