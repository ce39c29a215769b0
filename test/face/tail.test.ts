import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Tail } from '../../src/face/tail.ts';

describe('lines above the board', () => {
  it('one that prints a million lines does not push away what others say', () => {
    const tail = new Tail();
    tail.add(1, 'hello');
    for (let at = 0; at < 100_000; at++) tail.add(2, `line ${at}`);
    tail.add(3, 'bye');
    const lines = tail.take().trimEnd().split('\n');
    assert.equal(lines.length, 201);
    assert.equal(lines[0], '(99,802 lines not shown here, but in the log)');
    assert.equal(lines[1], 'hello');
    assert.equal(lines.at(-2), 'line 99999');
    assert.equal(lines.at(-1), 'bye');
    assert.equal(tail.take(), '');
  });

  it('all are shown or counted, in order, the last one of each worker among them', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(12), { maxLength: 900 }), (workers) => {
        const tail = new Tail();
        for (const [at, worker] of workers.entries()) tail.add(worker, String(at));
        const lines = tail.take().split('\n').slice(0, -1);
        const skipped = Number(/^\((\d+) lines/.exec(lines[0] ?? '')?.[1] ?? 0);
        const shown = (skipped > 0 ? lines.slice(1) : lines).map(Number);
        assert.equal(shown.length + skipped, workers.length);
        assert.ok(shown.length <= 200);
        assert.deepEqual(
          shown,
          [...shown].sort((a, b) => a - b),
        );
        for (const worker of new Set(workers)) assert.ok(shown.includes(workers.lastIndexOf(worker)));
      }),
    );
  });
});
