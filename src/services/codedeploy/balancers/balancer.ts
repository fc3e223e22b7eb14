/** How an instance stands with a load balancer. */
export interface Standing {
  /** `leaving`: it gets nothing new, and what is under way ends. `entering`: it has to show yet that it is well. */
  state: 'out' | 'leaving' | 'entering' | 'in' | 'never';
  /** Why it is not in. */
  reason?: string;
}

/** Something that sends requests to instances: a target group, or a classic load balancer. */
export interface Balancer {
  /** In messages: `the target group web`. */
  label: string;
  /** @throws AwsError of the API; also where it is not there, or is none for instances */
  check(): Promise<void>;
  standing(instance: string): Promise<Standing>;
  putIn(instance: string): Promise<void>;
  takeOut(instance: string): Promise<void>;
}
