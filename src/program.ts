import type { BuildInfo } from './build-info.ts';
import { ok } from './core/diagnostic.ts';
import { runCli } from './face/cli.ts';
import { endProgram, tellForeignExit } from './face/end-program.ts';
import { exitCodes } from './face/exit-codes.ts';
import { outliveReaders } from './face/lost-terminal.ts';
import { keepWindowOpen } from './face/own-window.ts';
import { sayDiagnostics } from './face/say.ts';
import { loadExperiment } from './load-experiment.ts';
import { type Carried, unpack } from './runtime/assets/unpack.ts';
import { tellUnpacked } from './runtime/assets/unpacked-folder.ts';
import { selfTest, selfTestVariable } from './self-test.ts';

/** The executable as people start it. Called by the stub that the recipe in `build/` makes. */
export async function start(loadEntry: () => Promise<object>, build: BuildInfo, carried: Carried): Promise<void> {
  const words = process.argv.slice(2);
  outliveReaders();
  tellForeignExit();
  try {
    process.exitCode = await run(words, loadEntry, build, carried);
  } catch (error) {
    process.stderr.write(
      `Internal error (please report it): ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exitCode = 1;
  }
  const isStopped = Number(process.exitCode) > stoppedBySignal;
  if (words.length === 0 && !isStopped) await keepWindowOpen();
  leave();
}

const lingerMs = 100;

/**
 * What is left open (a connection that nobody answers) does not keep a program that is done; what it still has to say does.
 */
function leave(): void {
  if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) endProgram();
  setTimeout(leave, lingerMs).unref();
}

async function run(
  words: readonly string[],
  loadEntry: () => Promise<object>,
  build: BuildInfo,
  carried: Carried,
): Promise<number> {
  const isTest = isSelfTest(words);
  if (!isTest && !unpackCarried(carried)) return exitCodes.usage;
  const experiment = isTest ? ok(selfTest) : await loadExperiment(loadEntry, build.name);
  if (experiment.ok) return runCli({ experiment: experiment.value, build }, words);
  sayDiagnostics(experiment.diagnostics);
  return exitCodes.usage;
}

/** Exit codes above this one mean that. */
const stoppedBySignal = 128;

/** Before the entry is loaded: it may import what is carried. */
function unpackCarried(carried: Carried): boolean {
  const unpacked = unpack(carried);
  if (!unpacked.ok) {
    sayDiagnostics(unpacked.diagnostics);
    return false;
  }
  if (unpacked.value?.warning !== undefined) sayDiagnostics([unpacked.value.warning]);
  tellUnpacked(unpacked.value?.folder);
  return true;
}

/** Workers are told by a variable, which counts for nothing else. */
function isSelfTest(words: readonly string[]): boolean {
  const is = words[0] === '--self-test';
  if (is) process.env[selfTestVariable] = '1';
  else delete process.env[selfTestVariable];
  return is;
}
