/** How a start is to go about its share. */
export interface ShareFlags {
  readonly yes?: boolean;
  readonly cores?: number;
  readonly out?: string;
  readonly retryFailed?: boolean;
  readonly acceptCode?: boolean;
  readonly rerunOlderCode?: boolean;
  readonly fresh?: boolean;
  /** Milliseconds since 1970. */
  readonly until?: number;
  /** The address of a campaign's server, or `@FILE` with it in the first line. */
  readonly engine?: string;
  /** Shows what jobs print. */
  readonly tail?: boolean;
}
