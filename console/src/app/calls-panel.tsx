import Box from '@cloudscape-design/components/box';

import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Toggle from '@cloudscape-design/components/toggle';
import { useState } from 'react';
import { asCommand } from '../api/as-command.ts';
import { isRead, useCalls } from '../api/calls.ts';
import { Command } from '../parts/command.tsx';
import { Time } from '../parts/time.tsx';

/** What the console has asked the server, newest first, as commands that do the same. */
export default function CallsPanel() {
  const calls = useCalls();
  const [reads, setReads] = useState(true);
  const shown = calls.filter((call) => reads || !isRead(call));
  return (
    <div>
      <SpaceBetween size="m">
        <Box variant="h2">Calls</Box>
        <Box color="text-body-secondary">
          All that this console shows and does is a call of the public API. These were the last.
        </Box>
        <Toggle checked={reads} onChange={({ detail }) => setReads(detail.checked)}>
          Those that only read, too
        </Toggle>
        {shown.length === 0 && <Box>Nothing was called yet.</Box>}
        {shown.map((call) => (
          <div key={`${call.at} ${call.operation} ${call.requestId}`}>
            <Box variant="small">
              {call.operation} <Time at={new Date(call.at)} />{' '}
              {call.error !== undefined && (
                <StatusIndicator type="error">{call.error}</StatusIndicator>
              )}
            </Box>
            <Command text={asCommand(call)} />
            {call.requestId !== undefined && (
              <Box variant="small" color="text-body-secondary">
                Request <span className="mono">{call.requestId}</span>
              </Box>
            )}
          </div>
        ))}
      </SpaceBetween>
    </div>
  );
}
