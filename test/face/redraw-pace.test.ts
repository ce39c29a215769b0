import { equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RedrawPace } from '../../src/face/redraw-pace.ts';

function paceAfter(...tookMs: readonly number[]): number {
  const pace = new RedrawPace();
  for (const ms of tookMs) pace.took(ms);
  return pace.intervalMs;
}

test('a board that is drawn quickly is drawn four times a second', () => {
  equal(paceAfter(), 250);
  equal(paceAfter(...Array(50).fill(0.3)), 250);
});

test('where drawing takes 2 ms, it stays below 0.5 % of a core', () => {
  const intervalMs = paceAfter(...Array(50).fill(2));
  ok(2 / intervalMs < 0.005, String(intervalMs));
});

test('one interrupted draw does not hold up the next for long', () => {
  const pace = new RedrawPace();
  pace.took(40);
  equal(pace.intervalMs, 1_000);
  for (let draws = 0; draws < 12; draws++) pace.took(0.5);
  ok(pace.intervalMs < 500, String(pace.intervalMs));
});

test('never more than four times a second, never less than once', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true })), (tookMs) => {
      const intervalMs = paceAfter(...tookMs);
      return intervalMs >= 250 && intervalMs <= 1_000;
    }),
  );
});
