import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { attemptNumber, jobIndex, workerId } from '../../src/core/ids.ts';
import { FrameSplitter } from '../../src/runtime/frame-splitter.ts';
import { isBlockOf } from '../../src/runtime/is-block-of.ts';
import { LineSplitter } from '../../src/runtime/line-splitter.ts';
import { SentJobs } from '../../src/runtime/sent-jobs.ts';
import { Claims, countModulo, recallStep } from '../../src/runtime/worker/claims.ts';

const failure = { cause: 'error', message: 'm', stack: 's' };
const answer = { job: 3, attempt: 1, startedAtMs: 1, endedAtMs: 2, runMs: 1, failure };
const head = { type: 'block', jobs: 1, sumMs: 1, maxMs: 1, width: null };
const frame = fc.oneof(
  fc.constant([{ type: 'leaving', bytes: 0 }, Buffer.alloc(0)] as const),
  fc.constant([{ type: 'failed', bytes: 0, answer }, Buffer.alloc(0)] as const),
  fc.constant([
    { type: 'failed', bytes: 0, answer: { ...answer, failure: { ...failure, isSure: true } } },
    Buffer.alloc(0),
  ] as const),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.nat(300))
    .map(
      ([body, csv]) =>
        [
          { ...head, bytes: body.length, csvBytes: Math.min(csv, body.length), ...(csv > 99 && { widths: [1, csv] }) },
          Buffer.from(body),
        ] as const,
    ),
);

describe('frames of a worker', () => {
  it('arrive as they were sent, wherever the pipe cuts them', () => {
    fc.assert(
      fc.property(fc.array(frame), fc.array(fc.nat()), (frames, cuts) => {
        const sent = Buffer.concat(frames.flatMap(([it, body]) => [Buffer.from(`${JSON.stringify(it)}\n`), body]));
        const heard: [object, Buffer][] = [];
        const splitter = new FrameSplitter(
          (it, body) => void heard.push([it, Buffer.from(body)]),
          () => assert.fail('broken'),
        );
        const places = cuts.map((cut) => cut % (sent.length + 1)).sort((a, b) => a - b);
        [...places, sent.length].reduce((from, to) => {
          if (to > from) splitter.add(sent.subarray(from, to));
          return to;
        }, 0);
        assert.deepEqual(heard, frames);
      }),
      { numRuns: 1_000 },
    );
  });

  it('that are none end the reading, once', () => {
    const bad = [
      'hello\n',
      '{"type":"block"}\n',
      '{"type":"failed","bytes":0}\n',
      `${JSON.stringify({ ...head, bytes: 4, csvBytes: 5 })}\n....`,
      `${JSON.stringify({ ...head, bytes: 4, csvBytes: 1, jobs: 0 })}\n....`,
      `${JSON.stringify({ type: 'failed', bytes: 0, answer: { ...answer, failure: { ...failure, cause: 'crash' } } })}\n`,
      'x'.repeat(4 * 1024 ** 2 + 1),
    ];
    for (const text of bad) {
      let broken = 0;
      const splitter = new FrameSplitter(
        () => assert.fail('heard'),
        () => broken++,
      );
      splitter.add(Buffer.from(text));
      splitter.add(Buffer.from('{"type":"leaving","bytes":0}\n'));
      assert.equal(broken, 1, text.slice(0, 80));
    }
  });
});

describe('claims', () => {
  it('count what was begun; after a recall nothing that was sent before it begins', () => {
    const word = new Int32Array(new SharedArrayBuffer(4));
    const claims = new Claims(word);
    assert.ok(claims.begin(0) && claims.begin(0));
    assert.equal(Atomics.add(word, 0, recallStep) & (countModulo - 1), 2);
    assert.ok(!claims.begin(0));
    assert.ok(claims.begin(1));
    assert.equal(Atomics.add(word, 0, recallStep) & (countModulo - 1), 3);
  });

  it('go round without touching the recalls', () => {
    const word = new Int32Array(new SharedArrayBuffer(4));
    const claims = new Claims(word);
    Atomics.store(word, 0, -1);
    assert.ok(claims.begin(4_095));
    assert.equal(Atomics.load(word, 0) >>> 0, 4_095 * countModulo);
    Atomics.add(word, 0, recallStep);
    assert.ok(claims.begin(0));
  });
});

describe('what a worker was sent', () => {
  it('comes back only as far as it was sent', () => {
    const jobs = new SentJobs();
    const sent = [1, 2, 3].map((job) => ({ job: jobIndex(job), attempt: attemptNumber(1) }));
    jobs.add(sent);
    assert.deepEqual(jobs.take(1), sent.slice(0, 1));
    assert.equal(jobs.takeBack(countModulo - 1), undefined);
    assert.deepEqual(jobs.takeBack(2), sent.slice(2));
    assert.equal(jobs.epoch, 1);
    assert.equal(jobs.take(2), undefined);
    assert.deepEqual(jobs.running, sent[1]);
  });

  it('is settled only by a line that tells of it', () => {
    const body = (text: string): Buffer => Buffer.from(text);
    const is = (text: string): boolean => isBlockOf(body(text), workerId(2), 1, [jobIndex(5), jobIndex(9)]);
    assert.ok(is('{"type":"block","worker":2,"attempt":1,"start":1,"csv":[0,"00000000"],"jobs":[5,9],"args":[[],[]]}'));
    assert.ok(
      !is('{"type":"block","worker":2,"attempt":1,"start":1,"csv":[0,"00000000"],"jobs":[5,8],"args":[[],[]]}'),
    );
    for (const jobs of ['[05,9]', '[5,9,1]', '[5', '[-5,9]', '[5,,9]', '[5,]', '[5 ,9]', '[]', '[5,9'])
      assert.ok(!is(`{"type":"block","worker":2,"attempt":1,"jobs":${jobs}`), jobs);
    assert.ok(is('{"type":"block","worker":2,"attempt":1,"jobs":[5,9]}'));
    assert.ok(!is('{"type":"block","worker":3,"attempt":1,"jobs":[5,9]}'));
    assert.ok(!is('{"type":"block","worker":2,"attempt":1,"jobs":[5,9]}\n{}'));
    assert.ok(!is(''));
  });

  it('pieces of a line that is too long are told as such', () => {
    const heard: [string, boolean][] = [];
    const splitter = new LineSplitter((line, isRest) => void heard.push([line, isRest]), 4);
    for (const text of ['abcdef', 'r1\nr2\n', 'xy']) splitter.add(text);
    splitter.end();
    assert.deepEqual(heard, [
      ['abcdef', false],
      ['r1', true],
      ['r2', false],
      ['xy', false],
    ]);
  });
});
