import type { Tx } from '../../../db/database.ts';

/** Account and region that a resource belongs to. */
export interface Place {
  accountId: string;
  region: string;
}

type Placed = { account_id: string; region: string };

// A type, not an interface: Kysely wants an index signature.
export type CodeDeployTables = {
  codedeploy_application: Placed & {
    name: string;
    application_id: string;
    platform: string;
    created_at: number;
    body: string;
  };
  codedeploy_group: Placed & {
    application_id: string;
    name: string;
    group_id: string;
    body: string;
  };
  codedeploy_config: Placed & { name: string; created_at: number; body: string };
  codedeploy_revision: Placed & {
    application_id: string;
    revision_key: string;
    registered_at: number;
    first_used_at: number | null;
    last_used_at: number | null;
    body: string;
  };
  codedeploy_instance: Placed & {
    name: string;
    iam_arn: string;
    /** 0 once deregistered; the row stays. */
    registered: number;
    registered_at: number;
    deregistered_at: number | null;
    body: string;
  };
  codedeploy_instance_tag: Placed & { instance: string; tag_key: string; tag_value: string };
  /** What a group knows of an instance that it has deployed to. */
  codedeploy_host: Placed & {
    group_id: string;
    instance: string;
    health: string;
    revision_key: string | null;
  };
  codedeploy_deployment: Placed & {
    deployment_id: string;
    application_id: string;
    application_name: string;
    group_id: string;
    group_name: string;
    status: string;
    ended: number;
    created_at: number;
    body: string;
  };
  codedeploy_target: Placed & {
    deployment_id: string;
    instance: string;
    status: string;
    health: string;
    revision: string;
    /** Blue or Green, in a blue/green deployment. */
    label: string | null;
    /** Its availability zone, where the deployment goes by zones. */
    zone: string | null;
    updated_at: number;
  };
  codedeploy_lifecycle_event: Placed & {
    deployment_id: string;
    instance: string;
    position: number;
    name: string;
    status: string;
    offered_at: number | null;
    /** The command was last handed to an agent that asked for work. */
    served_at: number | null;
    started_at: number | null;
    ended_at: number | null;
    body: string;
  };
  /** A lifecycle hook on an Auto Scaling group, from before it is there until it is gone. */
  codedeploy_hook: Placed & {
    hook: string;
    group_id: string;
    scaling_group: string;
    kind: string;
    state: string;
    body: string;
  };
  /** An instance that such a hook holds. */
  codedeploy_hold: { token: string; deployment_id: string | null; body: string };
  codedeploy_signer: { name: string; sealed_key: string };
};

export const tables = (tx: Tx) => tx.withTables<CodeDeployTables>();

/** Columns of a place, for inserts and conditions. */
export const at = (place: Place) => ({ account_id: place.accountId, region: place.region });

/** A page of a list: names after `after`, `limit` at most. */
export interface Page {
  after?: string;
  limit: number;
}
