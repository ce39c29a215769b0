/** Where in a user's file a mistake is. Lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
  /** The line itself, to be shown above the caret. */
  readonly text?: string;
}

/** A mistake of the user's making: what is wrong, where, what to do. `message` is one line without a full stop at the end. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly place?: Place;
  /** What to do about it. */
  readonly hint?: string;
}

/** An expected failure is a value with a reason. */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export const ok = <Value>(value: Value): Result<Value> => ({ ok: true, value });
export const failed = (...diagnostics: readonly Diagnostic[]): Result<never> => ({ ok: false, diagnostics });
