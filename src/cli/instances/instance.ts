/** An instance as `slipway instances --json` tells of it. */
export interface ShownInstance {
  id: string;
  kind: 'ec2' | 'on-premises';
  /** EC2's words; of on-premises instances `registered` or `deregistered`. */
  state: string;
  name?: string | undefined;
  address?: string | undefined;
  /** Where load balancers send what comes: port, target group, and how it is. */
  ports: { port: number; targetGroup: string; health: string }[];
  image?: string | undefined;
  type?: string | undefined;
  autoScalingGroup?: string | undefined;
  tags: Record<string, string>;
  /** When a deployment heard of its agent last; undefined where none has. */
  agentHeardAt?: string | undefined;
  lastDeployment?: LastDeployment | undefined;
  /** On the instance: where the revision was unpacked, by the agent's default. */
  files?: string | undefined;
  /** How one gets there. */
  shell?: string | undefined;
}

export interface LastDeployment {
  id: string;
  application: string;
  group: string;
  groupId: string;
  status: string;
  at?: string | undefined;
}
