/** A repository of a provider's: `owner/name`, and groups within groups where the provider is GitLab. */
const FULL_ID = /^[A-Za-z0-9_.-]+(?:\/[A-Za-z0-9_.-]+){1,20}$/;

/**
 * Is the text a repository's, and nothing that leaves the URL that it is put behind? A repository has one name, which
 * policies deny: not a second one with `.git`, which providers and git on a disk take for the same (`app.git`, `app/.git`).
 */
export function isFullRepositoryId(text: string): boolean {
  if (text.length > 384 || !FULL_ID.test(text)) return false;
  return text.split('/').every((part) => !/^\.+$|^-|\.git$/i.test(part));
}

/** Providers take names in any case, and tell them in their own. */
export const repositoryKey = (fullRepositoryId: string): string => fullRepositoryId.toLowerCase();

/** What a git URL of ours may be, or why this is none. */
export function gitUrl(text: string): { url: string } | { wrong: string } {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (text.length > 2000 || /[\x00-\x20\x7f]/.test(text) || !URL.canParse(text))
    return { wrong: 'it is no URL' };
  const url = new URL(text);
  if (!/^(https?|file):$/.test(url.protocol))
    return { wrong: 'only https://, http:// and file:// are served' };
  if (url.username || url.password)
    return { wrong: 'name and password go beside the URL, and not in it' };
  if (url.search || url.hash) return { wrong: 'it has a query or a fragment' };
  if (url.protocol === 'file:' && (url.hostname || url.pathname.includes('%')))
    return { wrong: 'of a file only its plain path is served' };
  return { url: url.href.replace(/\/$/, '') };
}

/**
 * The URL of one repository below a provider's. GitHub, GitLab, Gitea and Bitbucket all have it with `.git`, and GitLab
 * redirects without; git on a disk finds a directory with and without.
 */
export function urlBelow(base: string, fullRepositoryId: string): string {
  const suffix = base.startsWith('file:') ? '' : '.git';
  return `${base}/${fullRepositoryId}${suffix}`;
}
