import { exitCodes } from './exit-codes.ts';

/** Writing to a terminal that is gone (an ssh session lost), to a pipe whose reader left, … `EOF`: the latter on Windows. */
const lost: ReadonlySet<unknown> = new Set([
  'EIO',
  'EPIPE',
  'EOF',
  'ENXIO',
  'ENOTCONN',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
]);

function passOver(error: NodeJS.ErrnoException): void {
  if (!lost.has(error.code)) throw error;
}

/** `config | head -1`: whoever wanted the data has enough, and no word about that is wanted either. */
function end(error: NodeJS.ErrnoException): void {
  if (lost.has(error.code)) process.exit(exitCodes.done);
  process.stderr.write(`The output cannot be written: ${error.message}; send it elsewhere.\n`);
  process.exit(exitCodes.usage);
}

/** For every command: nobody reads its data any more, it ends; nobody reads its messages, it goes on and does what it was told. */
export function endWithReader(): void {
  process.stdout.on('error', end);
  process.stderr.on('error', passOver);
}

/** From now on, losing the terminal stops nothing: what would have been shown is in the log. */
export function surviveLostTerminal(): void {
  process.on('SIGHUP', () => undefined);
  process.stdout.off('error', end);
  for (const stream of [process.stdin, process.stdout, process.stderr]) stream.on('error', passOver);
}
