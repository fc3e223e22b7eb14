import StatusIndicator, {
  type StatusIndicatorProps,
} from '@cloudscape-design/components/status-indicator';
import { statusKind, statusText } from './status-kind.ts';

/** A state of any of the services: its sign, color and word. */
export function Status({ of, children }: { of: string | undefined; children?: string }) {
  return (
    <StatusIndicator type={statusKind(of) as StatusIndicatorProps.Type}>
      {children ?? statusText(of)}
    </StatusIndicator>
  );
}
