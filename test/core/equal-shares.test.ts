import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseShare } from '../../src/config/parse-share.ts';
import { countShares, machinesOfShares, nameOfShare, shareOfName, sharesMax } from '../../src/core/equal-shares.ts';
import { renderDiagnostic } from '../../src/core/render-diagnostic.ts';
import { cutShares } from '../../src/core/shares.ts';

const count = fc.integer({ min: 1, max: 2_000 });

describe('equal shares', () => {
  it('cover the pool, and none has a job more than another has and one', () => {
    fc.assert(
      fc.property(count, fc.nat(100_000), (n, jobs) => {
        const shares = cutShares(jobs, machinesOfShares(n));
        assert.deepEqual(
          shares.map(({ machine }) => machine),
          Array.from({ length: n }, (_, at) => nameOfShare({ index: at + 1, count: n })),
        );
        let end = 0;
        for (const { from, to } of shares) {
          assert.equal(from, end);
          end = to;
          assert.ok(Math.abs(to - from - jobs / n) < 1);
        }
        assert.equal(end, jobs);
      }),
    );
  });

  it('a name is that of one share', () => {
    fc.assert(
      fc.property(count, fc.nat(), (n, at) => {
        const share = { index: (at % n) + 1, count: n };
        assert.deepEqual(shareOfName(nameOfShare(share)), share);
      }),
    );
    assert.equal(nameOfShare({ index: 3, count: 20 }), '03of20');
    for (const name of ['3of20', '003of20', '00of20', '21of20', 'of20', '1of', '1of10001', 'lab1', ''])
      assert.equal(shareOfName(name), undefined, name);
  });

  it('a plan of them is known by its names', () => {
    for (const n of [1, 2, 20]) assert.equal(countShares(machinesOfShares(n).map(({ name }) => name)), n);
    for (const names of [[], ['all'], ['lab1', 'lab2'], ['1of2'], ['1of2', '2of2', 'lab1'], ['1of2', '1of2']])
      assert.equal(countShares(names), undefined, names.join());
  });

  const refused: readonly (readonly [string, RegExp])[] = [
    ['0/20', /no share 0(.|\n)*--array=1-20/],
    ['21/20', /no share 21 of 20(.|\n)*--array=1-20/],
    ['/20', /missing before the slash(.|\n)*variable/],
    ['3/', /missing behind the slash/],
    ['3', /is no share(.|\n)*3\/20/],
    ['', /is no share/],
    ['-1/20', /is no share/],
    ['1.5/20', /is no share/],
    ['1/0', /at least one/],
    [`1/${sharesMax + 1}`, /at most 10000/],
    ['$(id)/20', /"\$\(id\)\/20" is no share/],
  ];
  for (const [text, expected] of refused) {
    it(`--share ${text || 'of nothing'} is refused`, () => {
      const share = parseShare(text);
      assert.match(share.ok ? 'read' : share.diagnostics.map(renderDiagnostic).join('\n'), expected);
    });
  }
  it('3/20 and 03 / 20 are read', () => {
    for (const text of ['3/20', ' 03 / 20 '])
      assert.deepEqual(parseShare(text), { ok: true, value: { index: 3, count: 20 } });
  });
});
