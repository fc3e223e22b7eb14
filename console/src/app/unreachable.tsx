import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { askSession } from '../session/session.ts';

export default function Unreachable({ why }: { why: string }) {
  return (
    <main className="door">
      <Alert
        type="error"
        header="The server does not answer"
        action={<Button onClick={() => void askSession()}>Try again</Button>}
      >
        {why}
      </Alert>
    </main>
  );
}
