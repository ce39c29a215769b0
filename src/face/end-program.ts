import { exitCodes } from './exit-codes.ts';
import { sayDiagnostics } from './say.ts';

let isMeant = false;

/** The only way in which the program ends itself: whoever else calls `process.exit` is the experiment. */
export function endProgram(code: number | string | null | undefined = process.exitCode): never {
  isMeant = true;
  return process.exit(code);
}

/**
 * The experiment's code runs in this process, too (its file, `jobs`, `teardown`, …), and may end it at any moment, with a code
 * that means something else: then it is told who did that.
 */
export function tellForeignExit(): void {
  process.once('exit', (code) => {
    const callers = isMeant ? undefined : callersOfExit();
    if (callers === undefined) return;
    const message = [`the experiment's code ended the program, by process.exit(${code})`, ...callers].join('\n');
    const hint = 'throw an Error instead: it is told, and the program ends in order';
    sayDiagnostics([{ severity: 'error', message, hint }]);
    process.exitCode = exitCodes.usage;
  });
}

/** More would hardly be read. */
const framesMax = 50;

/** The experiment's lines down to `process.exit`, which tells of its end before it returns; `undefined`: nobody of it called that. */
function callersOfExit(): readonly string[] | undefined {
  Error.stackTraceLimit = framesMax;
  const frames = new Error().stack?.split('\n') ?? [];
  const exit = frames.findIndex((frame) => exitFrame.test(frame));
  if (exit < 0) return undefined;
  const above = frames.slice(exit + 1).filter((frame) => !nodeFrame.test(frame));
  // The questions end the program when a signal comes.
  if (above[0] !== undefined && askingFrame.test(above[0])) return undefined;
  const own = above.findIndex((frame) => ownFrame.test(frame));
  return own < 0 ? above : above.slice(0, own);
}

const exitFrame = /^ *at process\.exit /;
const nodeFrame = /\bnode:/;
const askingFrame = /\bnode_modules[\\/]enquirer[\\/]/;
/** Of the program itself, or of what loads the entry: the bundler's functions, and the stub. */
const ownFrame = /^ *at (?:.*\()?src[\\/]|^ *at (?:async )?(?:__(?:init|require)\d* |[^ (]*\bstart\.ts:\d+:\d+$)/;
