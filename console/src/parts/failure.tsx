import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import { awsError } from '../api/errors.ts';

/** What a call that failed says: AWS's words, the request's id, and for who may not, what was asked. */
export function Failure({ error, again }: { error: unknown; again?: () => void }) {
  const { code, message, requestId, denied } = awsError(error);
  return (
    <Alert
      type={denied ? 'warning' : 'error'}
      header={denied ? `You may not do this${denied.action ? `: ${denied.action}` : ''}` : code}
      action={again && !denied ? <Button onClick={again}>Try again</Button> : undefined}
    >
      <div>{message}</div>
      {denied?.resource !== undefined && (
        <div>
          Asked on <span className="mono">{denied.resource}</span>.
        </div>
      )}
      {requestId !== undefined && (
        <Box variant="small" color="inherit">
          Request <span className="mono">{requestId}</span>
        </Box>
      )}
    </Alert>
  );
}
