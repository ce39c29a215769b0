import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { counterPaths, parseOomKills } from '../../src/runtime/oom-kills.ts';
import { type EndFacts, explainEnd, nothingKnown } from '../../src/runtime/worker-end.ts';

const mebibyte = 1024 ** 2;
const heapWords = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
const working = { stage: 'working' } as const;

describe('why a worker ended', () => {
  const table: readonly [title: string, facts: Partial<EndFacts>, cause: string, how: RegExp][] = [
    ['exit', { ...working, code: 7 }, 'crash', /^exit code 7$/],
    ['quiet exit', { ...working, code: 0 }, 'crash', /process\.exit was called/],
    ['signal', { ...working, signal: 'SIGSEGV' }, 'crash', /^signal SIGSEGV$/],
    [
      'V8, its own limit',
      { ...working, signal: 'SIGABRT', lastWords: heapWords },
      'memory',
      /heap is full, \[run\] memory_limit allows/,
    ],
    [
      'V8, ours',
      { ...working, signal: 'SIGABRT', lastWords: heapWords, memoryLimitBytes: 200 * mebibyte },
      'memory',
      /heap is full, memory_limit is 200 MiB/,
    ],
    ['Windows aborts with a code', { ...working, code: 134, lastWords: heapWords }, 'memory', /heap/],
    ['a job that only prints such words', { ...working, code: 1, lastWords: heapWords }, 'crash', /^exit code 1$/],
    [
      'over the limit',
      { ...working, signal: 'SIGKILL', memoryUsedBytes: 612 * mebibyte, memoryLimitBytes: 512 * mebibyte },
      'memory',
      /612 MiB in use, memory_limit is 512 MiB/,
    ],
    ['over the limit, then killed by us', { ...working, isKilled: true, memoryUsedBytes: 1 }, 'memory', /in use/],
    ['killed by the kernel', { ...working, signal: 'SIGKILL', oomKills: 1 }, 'memory', /killed by the system/],
    ['killed, the kernel did not', { ...working, signal: 'SIGKILL', oomKills: 0 }, 'crash', /by someone else$/],
    ['killed, nobody counts', { ...working, signal: 'SIGKILL' }, 'crash', /perhaps by the system for want of memory/],
    ['killed by us', { ...working, signal: 'SIGKILL', isKilled: true, oomKills: 1 }, 'crash', /^killed$/],
    ['cut off', { ...working, signal: 'SIGKILL', isDisconnected: true }, 'crash', /cut the connection/],
    ['left by itself', { ...working, code: 1, isRetired: true }, 'retired', /left/],
    ['initialiser exits', { stage: 'initialising', code: 4 }, 'crash', /^initializeWorker .*: exit code 4$/],
    ['initialiser is killed', { stage: 'initialising', isKilled: true }, 'crash', /^initializeWorker .*: killed$/],
    ['dies before', { stage: 'starting', signal: 'SIGILL' }, 'crash', /^before its first job: signal SIGILL$/],
    ['cannot start', { startProblem: 'no such file', signal: 'SIGKILL' }, 'crash', /^no such file$/],
  ];
  for (const [title, facts, cause, how] of table) {
    it(title, () => {
      const end = explainEnd({ ...nothingKnown, ...facts });
      assert.equal(end.cause, cause);
      assert.match(end.how, how);
    });
  }
});

describe("the kernel's count of killed processes", () => {
  it('is read in every format', () => {
    assert.equal(parseOomKills('low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n'), 2);
    assert.equal(parseOomKills('oom_kill_disable 0\nunder_oom 0\noom_kill 5\n'), 5);
    assert.equal(parseOomKills('nr_free_pages 1\noom_kill 0\n'), 0);
    assert.equal(parseOomKills('oom_kill_disable 0\n'), undefined);
  });

  it('is looked for in the nearest control group first', () => {
    assert.equal(counterPaths('0::/user.slice/a\n')[0], '/sys/fs/cgroup/user.slice/a/memory.events');
    const both = counterPaths('9:name=systemd:/\n4:cpu,memory:/slurm/job_1\n0::/\n');
    assert.equal(both[0], '/sys/fs/cgroup/memory/slurm/job_1/memory.oom_control');
    assert.equal(counterPaths('').at(-1), '/proc/vmstat');
  });
});
