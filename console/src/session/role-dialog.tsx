import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { switchRole, useSession } from './session.ts';

/** Takes the rights of a role, of this account or of another that lets one. */
export default function RoleDialog({ close }: { close: () => void }) {
  const session = useSession();
  const [account, setAccount] = useState(session.accountId);
  const [name, setName] = useState('');
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);

  const change = async () => {
    setBusy(true);
    try {
      await switchRole(`arn:aws:iam::${account.trim()}:role/${name.trim()}`);
    } catch (error) {
      setFailure((error as Error).message);
      setBusy(false);
    }
  };
  return (
    <Modal
      visible
      header="Switch role"
      onDismiss={close}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={close}>
              Cancel
            </Button>
            <Button variant="primary" loading={busy} onClick={() => void change()}>
              Switch role
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {failure !== undefined && <Alert type="error">{failure}</Alert>}
        <FormField label="Account ID">
          <Input value={account} onChange={({ detail }) => setAccount(detail.value)} />
        </FormField>
        <FormField label="Role name" description="With its path, as in service-role/NAME.">
          <Input autoFocus value={name} onChange={({ detail }) => setName(detail.value)} />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}
