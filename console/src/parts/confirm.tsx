import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type ReactNode, useState } from 'react';
import { Failure } from './failure.tsx';

interface Props {
  title: string;
  /** The button that does it: a verb. */
  verb: string;
  /** Where it cannot be taken back: the word that has to be typed first. */
  type?: string;
  /** False: something is still missing in what the dialog asks for. */
  ready?: boolean;
  size?: 'small' | 'medium' | 'large' | 'max';
  /** Closes by itself when done; a failure is shown in the dialog. */
  act: () => Promise<unknown>;
  close: () => void;
  children: ReactNode;
}

/** Asks before it does something: a dialog with one button that does it. */
export function Confirm(props: Props) {
  const { title, verb, type, ready = true, act, close, children, size = 'medium' } = props;
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const run = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await act();
      close();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  return (
    <Modal
      visible
      size={size}
      header={title}
      onDismiss={close}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={close}>
              Cancel
            </Button>
            <Button
              variant="primary"
              loading={busy}
              disabled={!ready || (type !== undefined && typed !== type)}
              onClick={() => void run()}
            >
              {verb}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {failure !== undefined && <Failure error={failure} />}
        {children}
        {type !== undefined && (
          <FormField label={`To go on, type ${type}`}>
            <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} />
          </FormField>
        )}
      </SpaceBetween>
    </Modal>
  );
}
