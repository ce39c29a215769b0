/** Writing to a terminal that is gone (an ssh session lost), to a pipe whose reader left, … */
const lost: ReadonlySet<unknown> = new Set(['EIO', 'EPIPE', 'ENXIO', 'ENOTCONN', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/** From now on, losing the terminal stops nothing: what would have been shown is in the log. */
export function surviveLostTerminal(): void {
  process.on('SIGHUP', () => undefined);
  for (const stream of [process.stdin, process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!lost.has(error.code)) throw error;
    });
  }
}
