/** What git says of a repository elsewhere, in words that a person can act on; with what is better in a while apart. */
export function gitFailure(stderr: string): { code: string; message: string; passes: boolean } {
  const text = stderr.trim().split('\n').at(-1)?.slice(0, 400) ?? '';
  const told = (code: string, message: string, passes = false) => ({ code, message, passes });
  if (
    /could not read (?:Username|Password)|Authentication failed|returned error: 40[13]/.test(stderr)
  )
    return told(
      'ProviderAccessDenied',
      `The provider refuses the connection's credentials: ${text}`,
    );
  if (/unable to update url base from redirection|returned error: 30\d/.test(stderr))
    return told(
      'RepositoryMoved',
      `The repository's URL leads elsewhere, which is not followed: ${text}`,
    );
  if (/not found|does not appear to be a git repository|returned error: 404/i.test(stderr))
    return told('RepositoryNotFound', `There is no such repository: ${text}`);
  if (/not our ref|unadvertised object|couldn't find remote ref/.test(stderr))
    return told('CommitNotFound', `The repository does not have the commit: ${text}`);
  const passes =
    /timed? ?out|refused|reset|Could not resolve|error: (?:429|5\d\d)|hung up|early EOF/i;
  return told(
    'ProviderUnavailable',
    `git could not read the repository: ${text}`,
    passes.test(stderr),
  );
}
