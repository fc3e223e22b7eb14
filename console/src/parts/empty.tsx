import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { Command } from './command.tsx';

interface Props {
  /** "There is no pipeline yet." */
  title: string;
  /** The commands that make the first one. */
  commands?: readonly string[];
  action?: ReactNode;
  children?: ReactNode;
}

/** Where there is nothing yet: how to make the first, by the exact command. */
export function Empty({ title, commands = [], action, children }: Props) {
  return (
    <Box margin={{ vertical: 'm' }} textAlign="center">
      <SpaceBetween size="s">
        <Box variant="strong">{title}</Box>
        {children}
        {commands.map((text) => (
          <Command key={text} text={text} />
        ))}
        {action}
      </SpaceBetween>
    </Box>
  );
}
