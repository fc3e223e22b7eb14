import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { useState } from 'react';
import { useSession } from '../../session/session.ts';
import { whoOf } from './content.ts';

/** Whom a commit made here names: at first, who is signed in. */
export function useAuthor() {
  const { userName, arn } = useSession();
  const [name, setName] = useState(userName ?? whoOf(arn));
  const [email, setEmail] = useState('');
  const fields = (
    <ColumnLayout columns={2}>
      <FormField label="Author name">
        <Input value={name} onChange={({ detail }) => setName(detail.value)} />
      </FormField>
      <FormField label="Email address">
        <Input type="email" value={email} onChange={({ detail }) => setEmail(detail.value)} />
      </FormField>
    </ColumnLayout>
  );
  return { author: name, email, fields };
}
