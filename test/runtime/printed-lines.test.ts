import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PrintedLines } from '../../src/runtime/printed-lines.ts';
import { outputMark } from '../../src/runtime/worker/messages.ts';

describe('lines that jobs print', () => {
  it('belong to the job that the last mark names; one that was not ended is cut at the next mark', () => {
    const heard: [string, number | undefined][] = [];
    const lines = new PrintedLines((text, job) => void heard.push([text, job]));
    for (const line of [
      'before any',
      `${outputMark(3)}first`,
      'second',
      `open${outputMark(4)}${outputMark(5)}`,
      `\0job x\0job 6\0 is text${outputMark(7)}`,
    ])
      lines.add(line);
    assert.deepEqual(heard, [
      ['before any', undefined],
      ['first', 3],
      ['second', 3],
      ['open', 3],
      ['', 5],
      ['\0job x', 5],
      [' is text', 6],
      ['', 7],
    ]);
  });
});
