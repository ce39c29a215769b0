import { endProgram } from './end-program.ts';
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

let isTold = false;

function tell(error: NodeJS.ErrnoException): void {
  if (lost.has(error.code) || isTold) return;
  isTold = true;
  process.stderr.write(`The output cannot be written: ${error.message}; send it elsewhere.\n`);
}

function end(error: NodeJS.ErrnoException): void {
  tell(error);
  endProgram(lost.has(error.code) ? exitCodes.done : exitCodes.usage);
}

const passOver = (): void => undefined;

/** For every command: nobody reads what it says, or it finds no room; it goes on and does what it was told. */
export function outliveReaders(): void {
  process.stdout.on('error', tell);
  process.stderr.on('error', passOver);
}

/** From now on, data is all that a command has to give (`config | head -1`): whoever wanted it has enough, and no word about that is wanted either. */
export function endWithReader(): void {
  process.stdout.off('error', tell).on('error', end);
}

/** From now on, losing the terminal stops nothing: what would have been shown is in the log. */
export function surviveLostTerminal(): void {
  process.on('SIGHUP', passOver);
  process.stdin.on('error', passOver);
}
