import type { WorkerEnd } from '../core/dispatch/protocol.ts';

/** What is known of a worker process that has ended. */
export interface EndFacts {
  readonly code: number | null;
  readonly signal: string | null;
  /** `initialising`: in `initializeWorker`. */
  readonly stage: 'starting' | 'initialising' | 'working';
  /** Why it could not be started, or what `initializeWorker` threw. */
  readonly startProblem: string | undefined;
  /** It said that it leaves. */
  readonly isRetired: boolean;
  /** This program killed it. */
  readonly isKilled: boolean;
  readonly isDisconnected: boolean;
  /** It said what no worker says. */
  readonly isDistrusted: boolean;
  /** What its watcher found to be over the limit. */
  readonly memoryUsedBytes: number | undefined;
  readonly memoryLimitBytes: number | undefined;
  /** The end of what it wrote on its standard error. */
  readonly lastWords: string;
  /** How many processes the kernel killed for want of memory meanwhile; `undefined`: the system does not count. */
  readonly oomKills: number | undefined;
}

/** Of a worker that has just been started. */
export const nothingKnown: EndFacts = {
  code: null,
  signal: null,
  stage: 'starting',
  startProblem: undefined,
  isRetired: false,
  isKilled: false,
  isDisconnected: false,
  isDistrusted: false,
  memoryUsedBytes: undefined,
  memoryLimitBytes: undefined,
  lastWords: '',
  oomKills: undefined,
};

/** Text that a dying V8 writes when its heap is full. */
const heapDeath = /FATAL ERROR: .*(?:heap out of memory|Reached heap limit|invalid table size)/s;

/** Why a worker ended, for the job that it was at. The surest reason wins. */
export function explainEnd(facts: EndFacts): WorkerEnd {
  if (facts.startProblem !== undefined) return { cause: 'crash', how: facts.startProblem };
  const end = explainDeath(facts);
  if (facts.stage === 'working') return end;
  const where = facts.stage === 'initialising' ? 'initializeWorker did not come to its end' : 'before its first job';
  return { ...end, how: `${where}: ${end.how}` };
}

function explainDeath(facts: EndFacts): WorkerEnd {
  const { code, signal, memoryUsedBytes, memoryLimitBytes: limit } = facts;
  if (facts.isRetired) return { cause: 'retired', how: 'left by itself' };
  if (memoryUsedBytes !== undefined) {
    return { cause: 'memory', how: `out of memory: ${spell(memoryUsedBytes)} in use, ${spellLimit(limit)}` };
  }
  if ((signal !== null || (code ?? 0) > 127) && heapDeath.test(facts.lastWords)) {
    const most = limit === undefined ? '[run] memory_limit allows another size' : spellLimit(limit);
    return { cause: 'memory', how: `out of memory: the JavaScript heap is full, ${most}` };
  }
  if (facts.isDistrusted) return { cause: 'crash', how: 'a job wrote on descriptor 3 or 4, which are not its own' };
  if (facts.isKilled) return { cause: 'crash', how: 'killed' };
  if (facts.isDisconnected) return { cause: 'crash', how: 'the job cut the connection to the main process' };
  if (signal === 'SIGKILL') return explainKill(facts.oomKills);
  if (signal !== null) return { cause: 'crash', how: `signal ${signal}` };
  return { cause: 'crash', how: `exit code ${code ?? 'unknown'}${code === 0 ? ' (process.exit was called)' : ''}` };
}

function explainKill(oomKills: number | undefined): WorkerEnd {
  if (oomKills !== undefined && oomKills > 0) {
    return { cause: 'memory', how: 'out of memory: killed by the system, which had no more to give' };
  }
  const guess = oomKills === undefined ? ', perhaps by the system for want of memory' : '';
  return { cause: 'crash', how: `signal SIGKILL: killed by someone else${guess}` };
}

function spellLimit(bytes: number | undefined): string {
  return `memory_limit is ${spell(bytes ?? 0)}`;
}

function spell(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MiB`;
}
