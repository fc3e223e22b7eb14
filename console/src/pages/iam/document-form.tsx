import { IAMClient } from '@aws-sdk/client-iam';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { type AwsCommand, useAct } from '../../api/use-aws.ts';
import { CodeField } from '../../parts/editor.tsx';
import { said } from '../../parts/flashes.ts';
import { jsonError } from './document.ts';

interface Props<I extends object, O> {
  header: string;
  label: string;
  text: string;
  height: string;
  /** Not given: only to be read. */
  save?: { verb: string; done: string; command: (text: string) => AwsCommand<I, O> } | undefined;
}

/** A policy document on a page, to be read or changed. */
export function DocumentForm<I extends object, O>({
  header,
  label,
  text,
  height,
  save,
}: Props<I, O>) {
  const { act, busy } = useAct(IAMClient);
  const [typed, setTyped] = useState(text);
  const wrong = jsonError(typed);
  return (
    <Container header={<Header variant="h2">{header}</Header>}>
      <SpaceBetween size="s">
        <CodeField
          {...{ label, height }}
          language="json"
          value={text}
          {...(save && { onChange: setTyped })}
          errorText={wrong}
        />
        {save && (
          <Button
            loading={busy}
            disabled={typed === text || wrong !== undefined}
            onClick={() => void act(save.command(typed), { done: save.done }).catch(said)}
          >
            {save.verb}
          </Button>
        )}
      </SpaceBetween>
    </Container>
  );
}
