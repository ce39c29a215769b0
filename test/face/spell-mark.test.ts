import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { spellMark } from '../../src/face/spell-mark.ts';

describe('what a job says of itself, where it runs alone', () => {
  it('lines of its log as `logs` shows them, progress as the board does', () => {
    assert.equal(spellMark('l{"level":40,"time":1,"job":3,"rows":12,"msg":"half"}'), 'warn  half rows=12');
    assert.equal(spellMark('p3 0.575'), '57%');
    assert.equal(spellMark('p3 1 writing the table'), '100% writing the table');
  });

  it('anything else as it is', () => {
    assert.equal(spellMark('l{"level":'), '{"level":');
    assert.equal(spellMark('p3'), '3');
    assert.equal(spellMark('i'), '');
  });
});
