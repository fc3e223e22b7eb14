import type { ApiFace } from '../aws/api.ts';
import type { Dispatcher } from '../aws/dispatcher.ts';
import type { SignIn } from '../kit/sign-in.ts';
import type { Slots } from '../lib/slots.ts';

/** What the console's routes need beside the platform. */
export interface ConsoleParts {
  dispatch: Dispatcher;
  /** Those that are served: an error is told in their words. */
  apis: readonly ApiFace[];
  /** Who keeps users and passwords; undefined where nobody does. */
  signIn: SignIn | undefined;
  /** Where passwords wait to be looked at. */
  checking: Slots;
  /** Where the page's files are. */
  files: string;
}
