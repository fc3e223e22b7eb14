import {
  CodeBuildClient,
  type Project,
  UpdateProjectCommand,
  type UpdateProjectCommandInput,
} from '@aws-sdk/client-codebuild';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useAct } from '../../api/use-aws.ts';
import { CodeField } from '../../parts/editor.tsx';
import { said } from '../../parts/flashes.ts';

/** Members that UpdateProject has not. */
const FIXED = new Set(['arn', 'created', 'lastModified', 'webhook', 'badge', 'projectVisibility']);
const MORE = new Set(['publicProjectAlias', 'resourceAccessRole']);

const editable = (project: Project) =>
  Object.fromEntries(Object.entries(project).filter(([key]) => !FIXED.has(key) && !MORE.has(key)));

/** The project as UpdateProject takes it. */
export function ProjectJson({ project }: { project: Project }) {
  const { act, busy } = useAct(CodeBuildClient);
  const now = JSON.stringify(editable(project), undefined, 2);
  const [text, setText] = useState(now);
  let input: UpdateProjectCommandInput | undefined;
  let wrong: string | undefined;
  try {
    input = { ...JSON.parse(text), name: project.name };
  } catch (error) {
    wrong = error instanceof Error ? error.message : `${error}`;
  }
  return (
    <Container>
      <SpaceBetween size="s">
        <CodeField
          label="What UpdateProject is given"
          language="json"
          value={text}
          onChange={setText}
          errorText={wrong}
        />
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button disabled={text === now} onClick={() => setText(now)}>
              Discard changes
            </Button>
            <Button
              variant="primary"
              loading={busy}
              disabled={text === now || input === undefined}
              onClick={() =>
                input &&
                void act(new UpdateProjectCommand(input), {
                  done: `${project.name} is changed.`,
                }).catch(said)
              }
            >
              Save
            </Button>
          </SpaceBetween>
        </Box>
      </SpaceBetween>
    </Container>
  );
}
