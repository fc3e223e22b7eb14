import type { CreateLaunchConfigurationCommandInput } from '@aws-sdk/client-auto-scaling';

/** A launch configuration: it never changes. */
export interface Configuration {
  id: string;
  name: string;
  /** Epoch milliseconds. */
  createdAt: number;
  input: Omit<CreateLaunchConfigurationCommandInput, 'LaunchConfigurationName' | 'InstanceId'>;
}
