import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { Command } from '../../parts/command.tsx';
import { CREDENTIAL_HELPER } from '../../parts/credential-helper.ts';

const steps = (): [string, string][] => [
  [
    'In a shell where Slipway lies: the address and the key of this server.',
    'eval "$(bin/slipway env)"',
  ],
  ['A repository.', 'aws codecommit create-repository --repository-name app'],
  [
    'A clone of it. Push your application with its buildspec.yml, then create its pipeline.',
    `git -c credential.helper='${CREDENTIAL_HELPER}' -c credential.UseHttpPath=true clone ${location.origin}/v1/repos/app`,
  ],
];

/** Where there is nothing yet: three commands that bring something here. */
export function FirstVisit() {
  return (
    <Container header={<Header variant="h2">Begin</Header>}>
      <SpaceBetween size="m">
        {steps().map(([what, command], i) => (
          <div key={command}>
            <Box>
              {i + 1}. {what}
            </Box>
            <Command text={command} />
          </div>
        ))}
        <Box color="text-body-secondary">
          Or see all of it at work first, on a server of its own:{' '}
          <span className="mono">npm run demo -- --keep</span>.
        </Box>
      </SpaceBetween>
    </Container>
  );
}
