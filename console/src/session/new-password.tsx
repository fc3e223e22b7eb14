import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { type SubmitEvent, useState } from 'react';
import { changePassword, signOut } from './session.ts';

/** Before anything else, for whom a login profile says so. */
export default function NewPasswordPage() {
  const [old, setOld] = useState('');
  const [chosen, setChosen] = useState('');
  const [again, setAgain] = useState('');
  const [failure, setFailure] = useState<string>();
  const [busy, setBusy] = useState(false);
  const differ = again !== '' && again !== chosen;

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (chosen !== again) return setFailure('The two new passwords differ.');
    setBusy(true);
    try {
      await changePassword(old, chosen);
    } catch (error) {
      setFailure((error as Error).message);
      setBusy(false);
    }
  };
  const field = (label: string, value: string, set: (value: string) => void, complete: string) => (
    <FormField label={label} errorText={set === setAgain && differ ? 'They differ.' : undefined}>
      <Input
        type="password"
        value={value}
        autoComplete={complete}
        onChange={({ detail }) => set(detail.value)}
      />
    </FormField>
  );
  return (
    <main className="door">
      <form onSubmit={submit}>
        <Form
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Button formAction="none" variant="link" onClick={() => void signOut()}>
                Sign out
              </Button>
              <Button variant="primary" loading={busy}>
                Change password
              </Button>
            </SpaceBetween>
          }
        >
          <Container header={<Header variant="h1">Choose a new password</Header>}>
            <SpaceBetween size="m">
              {failure !== undefined && <Alert type="error">{failure}</Alert>}
              {field('Old password', old, setOld, 'current-password')}
              {field('New password', chosen, setChosen, 'new-password')}
              {field('New password again', again, setAgain, 'new-password')}
            </SpaceBetween>
          </Container>
        </Form>
      </form>
    </main>
  );
}
