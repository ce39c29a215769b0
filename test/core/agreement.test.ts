import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseLock, spellLock } from '../../src/config/lock-file.ts';
import {
  type AgreementPart,
  agreementOf,
  agreementParts,
  compareExpectation,
  hexOf,
  phraseOf,
} from '../../src/core/agreement.ts';
import { hex } from '../../src/core/ids.ts';
import { findDifferences } from '../../src/core/plan-difference.ts';
import type { PlanFacts } from '../../src/core/plan-facts.ts';
import { renderDiagnostic } from '../../src/core/render-diagnostic.ts';

const text = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'toString', 'constructor'));
const section = fc.dictionary(text, fc.string());
const digest = fc.integer({ min: 1, max: 9 }).map((digit) => hex(String(digit).repeat(64)));

const facts: fc.Arbitrary<PlanFacts> = fc.record({
  pool: fc.record({ digest, jobs: fc.nat(), first: fc.string(), last: fc.string() }),
  config: fc.record({
    order: fc.constantFrom('shuffled', 'given'),
    random: section,
    sections: fc.dictionary(text, section),
  }),
  machines: fc.uniqueArray(fc.record({ name: text, weight: fc.constantFrom('1', '2.5'), cores: fc.nat() }), {
    selector: ({ name }) => name,
    minLength: 1,
  }),
  header: fc.option(fc.array(fc.string())),
  code: fc.string(),
  planDigest: digest,
});

/** One change to each part, and to nothing else. */
const changes: Readonly<Record<AgreementPart, (it: PlanFacts) => PlanFacts>> = {
  pool: (it) => ({ ...it, pool: { ...it.pool, digest: hex('0'.repeat(64)) } }),
  'runner.config': (it) => ({ ...it, config: { ...it.config, random: { ...it.config.random, 'a new one': '' } } }),
  'machines.json': (it) => ({ ...it, machines: it.machines.map((one) => ({ ...one, cores: one.cores + 1 })) }),
  'header.csv': (it) => ({ ...it, header: [...(it.header ?? []), 'more'] }),
  code: (it) => ({ ...it, code: `${it.code}0` }),
};

describe('what machines must have in common', () => {
  for (const part of agreementParts) {
    it(`a change in ${part} is found there and nowhere else, by values, words and hex`, () => {
      fc.assert(
        fc.property(facts, (there) => {
          const here = changes[part](there);
          const differences = findDifferences(here, there);
          assert.deepEqual([...new Set(differences.map((it) => it.part))], [part]);
          for (const { here: ours, there: theirs } of differences) assert.notEqual(ours, theirs);
          const [own, other] = [agreementOf(here), agreementOf(there)];
          assert.deepEqual(compareExpectation(hexOf(other), own), { kind: 'differs', parts: [part] });
          const words = compareExpectation(phraseOf(other), own);
          assert.equal(words.kind, 'differs');
          // A word agrees by chance once in 2,048 times; then none is named rather than a wrong one.
          assert.ok(words.kind !== 'differs' || words.parts.every((named) => named === part));
        }),
      );
    });
  }

  it('equal plans agree, however the words are written', () => {
    fc.assert(
      fc.property(facts, (plan) => {
        assert.deepEqual(findDifferences(plan, structuredClone(plan)), []);
        const agreement = agreementOf(plan);
        assert.match(phraseOf(agreement), /^[a-z]+( [a-z]+){5}$/);
        assert.match(hexOf(agreement), /^[0-9a-f]{6}(-[0-9a-f]{6}){5}$/);
        const phrase = phraseOf(agreement);
        const hexText = hexOf(agreement);
        for (const given of [phrase, phrase.replaceAll(' ', '-').toUpperCase(), ` ${phrase.replaceAll(' ', '  ')}\n`]) {
          assert.equal(compareExpectation(given, agreement).kind, 'met');
        }
        for (const given of [hexText, hexText.replaceAll('-', ''), hexText.replaceAll('-', ' ').toUpperCase()]) {
          assert.equal(compareExpectation(given, agreement).kind, 'met');
        }
      }),
    );
  });

  it('refuses what is neither words nor hex', () => {
    const agreement = agreementOf({ ...fc.sample(facts, { numRuns: 1, seed: 1 })[0], header: null } as PlanFacts);
    for (const [given, problem] of [
      ['', /six words are needed, these are 1/],
      ['carbon elevator', /six words are needed, these are 2/],
      ['carbon elevator disorder learn level kne', /"kne" is not one of the words; is knee meant\?/],
      ['4f2a1c-88b3e0', /36 hex digits are needed, these are 12/],
    ] as const) {
      const result = compareExpectation(given, agreement);
      assert.match(result.kind === 'malformed' ? result.problem : result.kind, problem);
    }
  });
});

describe('golden words', () => {
  for (const [digit, phrase, hexText] of [
    ['1', 'surprise chalk slice velvet section crop', 'da7f51-25e0f7-cb7641-f2166f-c2b775-33e5c8'],
    ['2', 'inmate title slice velvet section obscure', '7453d5-e2eea2-cb7641-f2166f-c2b775-98552a'],
    ['3', 'about battle slice velvet section own', '006216-135ab0-cb7641-f2166f-c2b775-9e06df'],
  ] as const) {
    it(`of plan ${digit} are the same for ever`, () => {
      const agreement = agreementOf({
        pool: { digest: hex(digit.repeat(64)), jobs: 3, first: '[1]', last: '[3]' },
        config: { order: 'shuffled', random: {}, sections: { model: { sweeps: digit } } },
        machines: [{ name: 'lab1', weight: '2.5', cores: 8 }],
        header: null,
        code: 'c'.repeat(64),
        planDigest: hex('2'.repeat(64)),
      });
      assert.equal(phraseOf(agreement), phrase);
      assert.equal(hexOf(agreement), hexText);
    });
  }
});

describe('experiment.lock', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(facts, (plan) => {
        const read = parseLock(spellLock(plan, agreementOf(plan)), 'experiment.lock');
        assert.deepEqual(findDifferences(plan, read.ok ? read.value : changes.code(plan)), []);
      }),
    );
  });

  it('a damaged one is a diagnostic, never an exception', () => {
    fc.assert(
      fc.property(facts, fc.nat(), fc.nat(40), fc.string({ maxLength: 4 }), (plan, at, length, put) => {
        const whole = spellLock(plan, agreementOf(plan));
        const from = at % whole.length;
        const read = parseLock(whole.slice(0, from) + put + whole.slice(from + length), 'experiment.lock');
        if (!read.ok)
          assert.match(read.diagnostics.map(renderDiagnostic).join('\n'), /^experiment\.lock cannot be read/);
        else findDifferences(plan, read.value);
      }),
      { numRuns: 1_000 },
    );
  });
});
