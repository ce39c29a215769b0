import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseUntil } from '../../src/face/parse-until.ts';

process.env.TZ = 'Europe/Berlin';

/** In UTC. */
function until(text: string, now: string): string {
  const reading = parseUntil(text, Date.parse(now));
  return reading.ok ? new Date(reading.atMs).toISOString() : reading.problem;
}

describe('--until', () => {
  it('a time of day is the next one, here', () => {
    assert.equal(until('07:30', '2026-07-31T20:00:00Z'), '2026-08-01T05:30:00.000Z');
    assert.equal(until('07:30', '2026-08-01T05:29:59Z'), '2026-08-01T05:30:00.000Z');
    assert.equal(until('7:30', '2026-08-01T05:30:00Z'), '2026-08-02T05:30:00.000Z');
  });

  it('a change to or from summer time in the night does not shift it', () => {
    assert.equal(until('07:30', '2026-03-28T20:00:00Z'), '2026-03-29T05:30:00.000Z');
    assert.equal(until('07:30', '2026-10-24T20:00:00Z'), '2026-10-25T06:30:00.000Z');
  });

  it('dates, with and without a zone, and durations', () => {
    assert.equal(until('2026-12-01T07:30', '2026-08-01T00:00:00Z'), '2026-12-01T06:30:00.000Z');
    assert.equal(until('2026-12-01 07:30:10', '2026-08-01T00:00:00Z'), '2026-12-01T06:30:10.000Z');
    assert.equal(until('2026-12-01T07:30Z', '2026-08-01T00:00:00Z'), '2026-12-01T07:30:00.000Z');
    assert.equal(until('2026-12-01T07:30+05:00', '2026-08-01T00:00:00Z'), '2026-12-01T02:30:00.000Z');
    assert.equal(until('+1h30m', '2026-08-01T00:00:00Z'), '2026-08-01T01:30:00.000Z');
  });

  it('anything else is refused with examples', () => {
    for (const text of ['', '24:00', '7', '07:60', 'tomorrow', '2026-02-31T07:00', '+', '+x', '-3h', '2026-08-01']) {
      assert.match(until(text, '2026-01-01T00:00:00Z'), /write 07:30 .*\+6h/, text);
    }
    assert.match(until('2025-01-01T00:00Z', '2026-01-01T00:00:00Z'), /over already/);
    assert.match(until('+0s', '2026-01-01T00:00:00Z'), /over already/);
  });
});
