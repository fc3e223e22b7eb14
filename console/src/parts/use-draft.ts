import { useState } from 'react';

/** A text that is edited while what it is of may change. @param now it as it is there */
export function useDraft(now: string) {
  const [typed, setTyped] = useState<{ text: string; before: string }>();
  const { text, before } = typed && typed.text !== now ? typed : { text: now, before: now };
  return {
    text,
    /** What was there when the first letter was typed: nobody's change since may be written over. */
    before,
    changed: text !== now,
    type: (next: string) => setTyped(next === now ? undefined : { text: next, before }),
    discard: () => setTyped(undefined),
  };
}
