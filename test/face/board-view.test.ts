import assert from 'node:assert/strict';
import { it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { attemptNumber, jobIndex, workerId } from '../../src/core/ids.ts';
import { RunProgress } from '../../src/core/progress/run-progress.ts';
import { renderBoard } from '../../src/face/board-view.ts';
import { prepareWidths, widthOf } from '../../src/face/text-width.ts';

const text = fc.string({
  unit: fc.oneof(fc.constantFrom('数', 'é', '👩‍🚀', '\u001b', '\n', '\u202e'), fc.string()),
  maxLength: 40,
});

const scene = fc.record({
  columns: fc.integer({ min: 1, max: 200 }),
  rows: fc.integer({ min: 1, max: 70 }),
  workers: fc.integer({ min: 0, max: 70 }),
  total: fc.integer({ min: 0, max: 10_000_000 }),
  settled: fc.integer({ min: 0, max: 1_000 }),
  barLength: fc.integer({ min: 1, max: 500 }),
  style: fc.constantFrom('0', '1'),
  look: fc.record({ hasColour: fc.boolean(), hasUnicode: fc.boolean() }),
  message: text,
  name: text,
  elapsedMs: fc.integer({ min: 0, max: 1e9 }),
});

await prepareWidths(['数']);

it('no line is as wide as the terminal, nor are there more than fit; each is one line of printable text', () => {
  fc.assert(
    fc.property(scene, ({ columns, rows, workers, total, settled, elapsedMs, message, name, ...style }) => {
      const progress = new RunProgress();
      const nowMs = 1e12;
      const atMs = nowMs - elapsedMs;
      progress.take({
        type: 'run-started',
        atMs,
        total: total + settled,
        settled,
        failed: settled >> 1,
        cores: workers,
      });
      for (let at = 1; at <= workers; at++) {
        const about = { worker: workerId(at), job: jobIndex(at * 3_000), atMs };
        progress.take({ type: 'job-started', ...about, attempt: attemptNumber(1) });
        if (at % 2 === 0) progress.take({ type: 'job-progress', ...about, fraction: 0.3, message });
      }
      const lines = renderBoard(progress, { columns, rows }, { ...style, nameOf: () => name }, nowMs);
      assert.ok(lines.length <= Math.max(1, rows - 1));
      for (const line of lines) {
        const plain = style.look.hasColour ? stripVTControlCharacters(line) : line;
        assert.ok(widthOf(plain) <= Math.max(1, columns - 1), `${widthOf(plain)} of ${columns}: ${plain}`);
        assert.doesNotMatch(plain, /[\p{Cc}\u202e]/u);
      }
      if (style.style === '1' && workers > 0 && rows > 4 && columns > 80) {
        const hidden = lines.map((line) => /and (\d+) more/.exec(line)?.[1]).find(Boolean) ?? 0;
        const shown = lines.filter((line) => line.includes('job ')).length;
        assert.equal(shown + Number(hidden), workers);
      }
    }),
    { numRuns: 1_000 },
  );
});

it('once the run is over, nothing is foretold', () => {
  const progress = new RunProgress();
  const about = { worker: workerId(1), atMs: 1_000 };
  progress.take({ type: 'run-started', atMs: 0, total: 3, settled: 0, failed: 0, cores: 1 });
  progress.take({ type: 'job-started', ...about, job: jobIndex(0), attempt: attemptNumber(1) });
  progress.take({ type: 'job-progress', ...about, job: jobIndex(0), fraction: 0.5, message: '' });
  const look = { hasColour: false, hasUnicode: true };
  const draw = (): string =>
    renderBoard(
      progress,
      { columns: 100, rows: 24 },
      { style: '1', barLength: 20, look, nameOf: () => '' },
      3_000,
    ).join();
  assert.match(draw(), /left · ready/);
  const asked = { how: 'drain', reason: 'until', isBySignal: false, running: 1, longestLeftMs: undefined } as const;
  progress.take({ type: 'stopping', atMs: 2_000, ...asked });
  assert.match(draw(), /left · stops/);
  progress.take({ type: 'run-ended', atMs: 3_000, done: 0, failed: 0, left: 3 });
  assert.doesNotMatch(draw(), /left|ready|stops/);
});

it('shows the jobs that have run longest, whichever workers have them', () => {
  const progress = new RunProgress();
  progress.take({ type: 'run-started', atMs: 0, total: 90, settled: 0, failed: 0, cores: 64 });
  // The first to begin are those of the last workers.
  for (let at = 0; at < 64; at++) {
    const about = { worker: workerId(64 - at), job: jobIndex(at), attempt: attemptNumber(1) };
    progress.take({ type: 'job-started', atMs: at, ...about });
  }
  const style = { style: '1', barLength: 20, look: { hasColour: false, hasUnicode: true }, nameOf: () => '' } as const;
  const lines = renderBoard(progress, { columns: 100, rows: 24 }, style, 3_000);
  const shown = lines.flatMap((line) => /^job (\d+)/.exec(line)?.[1] ?? []).map(Number);
  assert.equal(lines.length, 23);
  assert.deepEqual(
    shown,
    Array.from({ length: 21 }, (_, at) => 20 - at),
  );
});
