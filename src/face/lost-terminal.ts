import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';

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
  process.on('exit', forgetTerminal);
}

/**
 * At its end Node sets the terminal back to what it was, and aborts where that fails: a terminal that is gone by then is
 * replaced by nothing.
 */
function forgetTerminal(): void {
  for (const { fd, isTTY } of [process.stdin, process.stdout, process.stderr]) {
    if (isTTY !== true || isatty(fd)) continue;
    closeSync(fd);
    // Takes the lowest number that is free: the one just closed.
    openSync('/dev/null', 'r+');
  }
}
