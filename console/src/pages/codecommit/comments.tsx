import {
  CodeCommitClient,
  type Comment,
  DeleteCommentContentCommand,
  PostCommentReplyCommand,
  PutCommentReactionCommand,
  UpdateCommentCommand,
} from '@aws-sdk/client-codecommit';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useEffect, useRef, useState } from 'react';
import { useAct } from '../../api/use-aws.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { said } from '../../parts/flashes.ts';
import { Time } from '../../parts/time.tsx';
import { useSession } from '../../session/session.ts';
import { whoOf } from './content.ts';
import { REACTIONS, type Thread } from './threads.ts';

/** A field for what one wants to say. @param post throws where it was not taken; then what was typed stays */
export function CommentForm({
  label,
  verb,
  post,
  cancel,
  first = '',
}: {
  label: string;
  verb: string;
  post: (content: string) => Promise<unknown>;
  cancel?: () => void;
  first?: string;
}) {
  const [content, setContent] = useState(first);
  const [busy, setBusy] = useState(false);
  const send = async () => {
    setBusy(true);
    try {
      await post(content);
      setContent('');
    } finally {
      setBusy(false);
    }
  };
  return (
    <SpaceBetween size="xs">
      <FormField label={label} stretch>
        <Textarea rows={3} value={content} onChange={({ detail }) => setContent(detail.value)} />
      </FormField>
      <SpaceBetween direction="horizontal" size="xs">
        <Button
          loading={busy}
          disabled={content.trim() === ''}
          onClick={() => void send().catch(said)}
        >
          {verb}
        </Button>
        {cancel && (
          <Button variant="link" onClick={cancel}>
            Cancel
          </Button>
        )}
      </SpaceBetween>
    </SpaceBetween>
  );
}

/** A thread: what was said and answered, and a field to answer in. */
export function ThreadView({ thread, reached }: { thread: Thread; reached?: string | undefined }) {
  const { act } = useAct(CodeCommitClient);
  const [replying, setReplying] = useState(false);
  const post = async (content: string) => {
    await act(new PostCommentReplyCommand({ inReplyTo: thread.id, content }));
    setReplying(false);
  };
  return (
    <SpaceBetween size="xs">
      {thread.comments.map((comment) => (
        <OneComment
          key={comment.commentId}
          comment={comment}
          reached={reached === comment.commentId}
        />
      ))}
      {replying ? (
        <CommentForm label="Reply" verb="Reply" post={post} cancel={() => setReplying(false)} />
      ) : (
        <Button variant="inline-link" onClick={() => setReplying(true)}>
          Reply
        </Button>
      )}
    </SpaceBetween>
  );
}

function OneComment({ comment, reached }: { comment: Comment; reached: boolean }) {
  const { arn } = useSession();
  const { act } = useAct(CodeCommitClient);
  const [editing, setEditing] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (reached) place.current?.scrollIntoView({ block: 'center' });
  }, [reached]);
  const { commentId = '', deleted, content = '', authorArn } = comment;
  const mine = authorArn === arn && deleted !== true;
  const change = async (text: string) => {
    await act(new UpdateCommentCommand({ commentId, content: text }));
    setEditing(false);
  };
  return (
    <div ref={place} className={reached ? 'comment reached' : 'comment'}>
      <b>{whoOf(authorArn)}</b> · <Time at={comment.creationDate} />
      {editing ? (
        <CommentForm
          label="Comment"
          verb="Save"
          first={content}
          post={change}
          cancel={() => setEditing(false)}
        />
      ) : (
        <div className="said">{deleted ? 'This comment has been deleted.' : content}</div>
      )}
      {!deleted && !editing && (
        <div className="reactions">
          <Reactions comment={comment} />
          {mine && (
            <>
              <Button variant="inline-link" onClick={() => setEditing(true)}>
                Edit
              </Button>
              <Button variant="inline-link" onClick={() => setDeleting(true)}>
                Delete
              </Button>
            </>
          )}
        </div>
      )}
      {deleting && (
        <Confirm
          title="Delete this comment?"
          verb="Delete comment"
          close={() => setDeleting(false)}
          act={() => act(new DeleteCommentContentCommand({ commentId }), { sayFailure: false })}
        >
          What it says cannot be brought back. Replies to it stay.
        </Confirm>
      )}
    </div>
  );
}

function Reactions({ comment }: { comment: Comment }) {
  const { act } = useAct(CodeCommitClient);
  const [choosing, setChoosing] = useState(false);
  const { commentId = '', reactionCounts = {}, callerReactions = [] } = comment;
  const shown = REACTIONS.filter(
    ({ name }) => choosing || (Object.hasOwn(reactionCounts, name) && reactionCounts[name]),
  );
  const react = (name: string, code: string) => {
    setChoosing(false);
    const reactionValue = callerReactions.includes(name) ? 'none' : code;
    void act(new PutCommentReactionCommand({ commentId, reactionValue })).catch(said);
  };
  return (
    <>
      {shown.map(({ name, code, emoji }) => (
        <button
          key={name}
          type="button"
          aria-label={code.replaceAll(':', '').replaceAll('_', ' ')}
          aria-pressed={callerReactions.includes(name)}
          onClick={() => react(name, code)}
        >
          {emoji} {reactionCounts[name] ?? ''}
        </button>
      ))}
      <button
        type="button"
        aria-label="Add a reaction"
        aria-expanded={choosing}
        onClick={() => setChoosing(!choosing)}
      >
        {choosing ? '×' : '☺+'}
      </button>
    </>
  );
}
