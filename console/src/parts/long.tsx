/** What machines call something, in a table: as much of it as there is room for, all of it where the pointer rests. */
export function Long({ text }: { text: string | undefined }) {
  if (text === undefined || text === '') return <>–</>;
  return (
    <span className="mono cut" title={text}>
      {text}
    </span>
  );
}
