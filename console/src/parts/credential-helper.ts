/**
 * What git asks for CodeCommit's password: the caller's key signs one. Git also tells helpers what to keep and what to
 * forget; of that the aws command would complain, whose option is for `get` alone.
 */
export const CREDENTIAL_HELPER =
  '!f() { test "$1" != get || aws codecommit credential-helper --ignore-host-check get; }; f';
