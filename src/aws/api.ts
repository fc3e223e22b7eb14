import type { StaticOperationSchema } from '@smithy/types';

export type Protocol = 'json1.0' | 'json1.1' | 'query' | 'rest-xml' | 'rest-json';

/** One AWS API as the wire layer sees it: a protocol, a name to route by, and operations with their schemas. */
export interface Api {
  /** `codebuild`: also the name of its contract file, `contracts/codebuild.json`. */
  name: string;
  protocol: Protocol;
  /** Service name in the credential scope: `codebuild`. */
  signingName: string;
  /** JSON protocols: `CodeBuild_20161006`. */
  targetPrefix?: string;
  /** Query and XML protocols. */
  xmlNamespace?: string;
  /** Query protocol: `2010-05-08`. */
  version?: string;
  /** By operation name in PascalCase: `StartBuild`. */
  operations: Record<string, StaticOperationSchema>;
}
