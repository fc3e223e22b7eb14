import type { ProviderType as OldProviderType } from '@aws-sdk/client-codestar-connections';
import { formatArn } from '../../../aws/arn.ts';
import type { Place } from '../../../kit/resource.ts';

export type ProviderType = OldProviderType | 'AzureDevOps';

/** The two names of one service: what was made by an API has its name in its ARN, and answers to both (CX-01). */
export const API_NAMES = ['codeconnections', 'codestar-connections'] as const;
export type ApiName = (typeof API_NAMES)[number];

export const isApiName = (name: string): name is ApiName =>
  (API_NAMES as readonly string[]).includes(name);

/** Where git finds the repositories of a connection, or one of them. */
export interface Installation {
  url: string;
  userName?: string;
  /** Password or token, sealed. */
  password?: string;
}

export interface Connection {
  accountId: string;
  region: string;
  arn: string;
  name: string;
  providerType: ProviderType;
  hostArn?: string;
  /** Absent: PENDING (CX-03). */
  installation?: Installation;
  /** By which its webhook knows the provider, sealed. */
  webhookSecret?: string;
  tags: Record<string, string>;
}

export interface Host {
  accountId: string;
  region: string;
  arn: string;
  name: string;
  providerType: ProviderType;
  providerEndpoint: string;
  /** PENDING until one of its connections is completed. */
  status: 'PENDING' | 'AVAILABLE';
  tags: Record<string, string>;
}

export interface RepositoryLink {
  accountId: string;
  region: string;
  id: string;
  arn: string;
  connectionArn: string;
  ownerId: string;
  repositoryName: string;
  providerType: ProviderType;
  tags: Record<string, string>;
}

export const statusOf = ({ installation }: Connection) =>
  installation ? ('AVAILABLE' as const) : ('PENDING' as const);

/** @param service the API by which it is made */
export function arnOf({ accountId, region }: Place, service: string, resource: string): string {
  return formatArn({ service, region, accountId, resource });
}

/** Of these, a connection needs a host: where else its provider is, nobody knows. */
export const SELF_MANAGED: readonly ProviderType[] = [
  'GitHubEnterpriseServer',
  'GitLabSelfManaged',
];

/** Where the providers are that everybody uses. */
const PUBLIC: Partial<Record<ProviderType, string>> = {
  GitHub: 'https://github.com',
  GitLab: 'https://gitlab.com',
  Bitbucket: 'https://bitbucket.org',
};

/** Where the repositories of a connection are, if nobody says so. */
export function usualUrl({ providerType }: Connection, host: Host | undefined): string | undefined {
  return host?.providerEndpoint ?? PUBLIC[providerType];
}
