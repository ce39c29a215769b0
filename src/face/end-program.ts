import { exitCodes } from './exit-codes.ts';
import { sayDiagnostics } from './say.ts';

let isMeant = false;

/** The only way in which the program ends itself: whoever else calls `process.exit` is the experiment. */
export function endProgram(code: number | string | null | undefined = process.exitCode): never {
  isMeant = true;
  return process.exit(code);
}

/** How a run has ended of which only the experiment's `teardown` is left. */
interface Concluded {
  readonly folder: string;
  /** The exit code that is due when `teardown` returns. */
  readonly code: number;
}

let concluded: Concluded | undefined;

export function onlyTeardownIsLeft(run: Concluded): void {
  concluded = run;
}

/**
 * The experiment's code runs in this process, too (its file, `jobs`, `teardown`, …), and may end it at any moment, with a code
 * that means something else: then it is told who did that.
 */
export function tellForeignExit(): void {
  let isIdle = false;
  process.on('beforeExit', () => {
    isIdle = true;
    setImmediate(() => {
      isIdle = false;
    }).unref();
  });
  process.once('exit', (code) => {
    const call = isMeant ? undefined : findForeignCall();
    if (call === undefined) return;
    const judged = judge(code, signalCodes.has(code) || (call.isByEvent && !isIdle));
    const said = `the experiment's code ended the program, by process.exit(${code})`;
    sayDiagnostics([{ severity: 'error', message: [said, ...call.callers].join('\n'), hint: judged.hint }]);
    process.exitCode = judged.code;
  });
}

/** By which shells tell SIGHUP, SIGINT and SIGTERM. A listener that waits before it ends the program is known by them only. */
const signalCodes: ReadonlySet<number> = new Set([129, exitCodes.interrupted, exitCodes.terminated]);

/** The exit code that the program gets instead, and what its author may do. */
function judge(code: number, isBySignal: boolean): { readonly code: number; readonly hint: string } {
  if (isBySignal) {
    const hint = 'remove its listener of the signal: the program handles signals itself, and ends in order';
    // Whoever waits for this program must not take it for done.
    return { code: code === exitCodes.done ? exitCodes.stoppedEarly : code, hint };
  }
  if (concluded === undefined)
    return { code: exitCodes.usage, hint: 'throw an Error instead: it is told, and the program ends in order' };
  const { folder } = concluded;
  const hint = `nothing is lost, the results are in ${folder}; remove the call: the program ends by itself, and does not call teardown again at the next start`;
  return { code: code === exitCodes.done ? concluded.code : exitCodes.usage, hint };
}

/** More would hardly be read. */
const framesMax = 50;

interface ForeignCall {
  /** The experiment's lines down to the call; none where it gave `process.exit` itself to a timer or a promise. */
  readonly callers: readonly string[];
  /** Nothing else is below: a signal, or the end of all that could happen. */
  readonly isByEvent: boolean;
}

/** `process.exit` tells of its end before it returns; `undefined`: nobody of the experiment called that. */
function findForeignCall(): ForeignCall | undefined {
  Error.stackTraceLimit = framesMax;
  const frames = new Error().stack?.split('\n') ?? [];
  const exit = frames.findIndex((frame) => exitFrame.test(frame));
  if (exit < 0) return undefined;
  const above = frames.slice(exit + 1).filter((frame) => !nodeFrame.test(frame));
  // The questions end the program when a signal comes.
  if (above[0] !== undefined && askingFrame.test(above[0])) return undefined;
  const own = above.findIndex((frame) => ownFrame.test(frame));
  return { callers: own < 0 ? above : above.slice(0, own), isByEvent: emitFrame.test(frames.at(-1) ?? '') };
}

/** Known by its place: it may be called by another name, or be a timer's method. */
const exitFrame = /^ *at (?:\S+\.)?exit (?:\[as [^\]]+\] )?\(node:internal\/process\/per_thread:/;
/** Also where a library has put its own in that place. */
const emitFrame = /^ *at process\.(?:emit|\S+ \[as emit\]) /;
const nodeFrame = /\bnode:/;
const askingFrame = /\bnode_modules[\\/]enquirer[\\/]/;
/** Of the program itself, or of what loads the entry: the bundler's functions, and the stub. */
const ownFrame = /^ *at (?:.*\()?src[\\/]|^ *at (?:async )?(?:__(?:init|require)\d* |[^ (]*\bstart\.ts:\d+:\d+$)/;
