/** What an account asks of the passwords of its users. */
export interface PasswordPolicy {
  minimumLength: number;
  symbols: boolean;
  numbers: boolean;
  uppercase: boolean;
  lowercase: boolean;
  /** Users change their own without a policy of theirs that says so. */
  usersChange: boolean;
  /** Days; none where passwords stay good. */
  maxAge?: number;
  /** How many of those before may not be taken again. */
  reusePrevention?: number;
  /** Who let his password grow too old cannot set a new one himself. */
  hardExpiry?: boolean;
}

const KINDS = {
  uppercase: /[A-Z]/,
  lowercase: /[a-z]/,
  numbers: /[0-9]/,
  symbols: /[!@#$%^&*()_+\-=[\]{}|']/,
};
type Kind = keyof typeof KINDS;
const WORDS: Record<Kind, string> = {
  uppercase: 'at least one uppercase character (A-Z)',
  lowercase: 'at least one lowercase character (a-z)',
  numbers: 'at least one number (0-9)',
  symbols: "at least one symbol (! @ # $ % ^ & * ( ) _ + - = [ ] { } | ')",
};
const ALL = Object.keys(KINDS) as Kind[];

/** Where an account has no policy, AWS's own: its length, and how many kinds of characters. */
const DEFAULT_LENGTH = 8;
const DEFAULT_KINDS = 3;

/**
 * What a password has to have and has not, or undefined.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_passwords_account-policy.html
 */
export function violation(
  password: string,
  userName: string,
  policy: PasswordPolicy | undefined,
): string | undefined {
  const length = policy?.minimumLength ?? DEFAULT_LENGTH;
  if (password.length < length)
    return `Password should have a minimum length of ${length} characters`;
  const has = (kind: Kind) => KINDS[kind].test(password);
  if (!policy) {
    if (ALL.filter(has).length < DEFAULT_KINDS)
      return 'Password should have at least three of: uppercase characters, lowercase characters, numbers, symbols';
    if (password.toLowerCase() === userName.toLowerCase())
      return 'Password should not be the name of the user';
    return undefined;
  }
  const missing = ALL.filter((kind) => policy[kind] && !has(kind));
  return missing.length === 0
    ? undefined
    : `Password should have ${missing.map((kind) => WORDS[kind]).join(', ')}`;
}
