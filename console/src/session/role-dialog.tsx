import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { Confirm } from '../parts/confirm.tsx';
import { switchRole, useSession } from './session.ts';

/** Takes the rights of a role, of this account or of another that lets one. */
export default function RoleDialog({ close }: { close: () => void }) {
  const session = useSession();
  const [account, setAccount] = useState(session.accountId);
  const [name, setName] = useState('');
  return (
    <Confirm
      title="Switch role"
      verb="Switch role"
      act={() => switchRole(`arn:aws:iam::${account.trim()}:role/${name.trim()}`)}
      close={close}
    >
      <FormField label="Account ID">
        <Input value={account} onChange={({ detail }) => setAccount(detail.value)} />
      </FormField>
      <FormField label="Role name" description="With its path, as in service-role/NAME.">
        <Input autoFocus value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
    </Confirm>
  );
}
