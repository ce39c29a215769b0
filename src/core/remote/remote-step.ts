/** What goes on with one machine, for whoever looks. */
export type RemoteStep =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'looking' }
  | { readonly kind: 'copying'; readonly what: string; readonly bytes: number; readonly total: number }
  | { readonly kind: 'starting' };
