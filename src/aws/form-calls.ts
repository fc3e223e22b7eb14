import type { Authenticated, AuthenticateOptions } from './auth/authenticate.ts';
import type { WireRequest, WireResponse } from './http.ts';

/** A browser's form, as the call that it comes to. */
export interface FormCall {
  identified: Authenticated;
  /** PascalCase. */
  operation: string;
  labels: Record<string, string>;
  /** The form's fields as headers; its body is the file. */
  request: WireRequest;
  /** The form's answer out of the operation's. */
  answer(response: WireResponse): WireResponse;
}

/** Calls of an API that browsers make by sending a form with a signed policy. */
export interface FormCalls {
  /** Is the request such a form? */
  matches(request: WireRequest): boolean;
  /** Reads the form as far as it says who gave it away and what it may do. @throws AuthFailure, AwsError */
  open(request: WireRequest, options: AuthenticateOptions): Promise<FormCall>;
}
