import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { machinesAreTemplate, parseMachines } from '../../src/config/machines.ts';
import { renderDiagnostic } from '../../src/core/render-diagnostic.ts';

function complain(text: string): string {
  const result = parseMachines(text, 'machines.json');
  return result.ok ? 'ok' : result.diagnostics.map(renderDiagnostic).join('\n');
}

/** Text, where the mistake is, what is said about it, what to do. */
const mistakes: readonly (readonly [string, string, RegExp, RegExp])[] = [
  ['{ "a": [1, 2] "b": [1, 2] }', '1:15', /a comma is missing before this/, /put a comma after/],
  ['{\n  "a": [1, 2]\n  "b": [1, 2]\n}', '3:3', /a comma is missing before this/, /put a comma after/],
  ['{ "a": [1 2] }', '1:11', /a comma is missing before this/, /put a comma/],
  ['{ "a": [1, 2], }', '1:14', /a comma after the last entry/, /remove this comma/],
  ['{ "a": [1, 2,] }', '1:13', /a comma after the last number/, /remove this comma/],
  ['{ "a": [1, 2],, "b": [1, 2] }', '1:15', /a comma too many/, /one comma/],
  ['{ "a": [1, 2], "a": [1, 2] }', '1:16', /"a" is there twice, first in line 1/, /without regard to case/],
  ['{ "a": [1, 2],\n"A": [1, 2] }', '2:1', /"A" is there twice, first in line 1/, /without regard to case/],
  ['{ "a\u0308": [1, 2], "\u00e4": [1, 2] }', '1:17', /is there twice/, /must differ/],
  ['{ "a": [1, "4x"] }', '1:12', /cores must be a whole number above 0, got "4x"/, /without quotes/],
  ['{ "a": ["1", 4] }', '1:9', /weight must be a number above 0, got "1"/, /without quotes/],
  ['{ "<name of the first machine>": [1, 8] }', '1:3', /template is not filled in/, /the names of your machines/],
  ['{ "example_machine": [example_one_core_weight, 4] }', '1:23', /template is not filled in/, /speed of one core/],
  ['{ "lab": [1, example_cores_used] }', '1:14', /template is not filled in/, /how many cores/],
  ['{ "a": [1, 0] }', '1:12', /cores must be a whole number above 0, got 0/, /from 1 to 65536/],
  ['{ "a": [1, -2] }', '1:12', /cores must be a whole number above 0, got -2/, /from 1/],
  ['{ "a": [1, 1.5] }', '1:12', /cores must be a whole number above 0, got 1\.5/, /from 1/],
  ['{ "a": [1, 1e9] }', '1:12', /cores must be a whole number above 0, got 1e9/, /65536/],
  ['{ "a": [0, 4] }', '1:9', /weight must be a number above 0, got 0/, /for example 1\.0/],
  ['{ "a": [-1, 4] }', '1:9', /weight must be a number above 0, got -1/, /for example 1\.0/],
  ['{ "a": [1e999, 4] }', '1:9', /weight is out of range: 1e999/, /from 1e-400 to 1e400/],
  ['{ "a": [null, 4] }', '1:9', /weight must be a number above 0, got null/, /for example/],
  ['{ "a": [NaN, 4] }', '1:9', /not a finite number/, /such as 1\.0/],
  ['{ "a": [Infinity, 4] }', '1:9', /not a finite number/, /such as 1\.0/],
  ['{ "a": [-Infinity, 4] }', '1:9', /a sign without digits/, /such as 1\.0/],
  [
    '{ "a": [1,5, 4] }',
    '1:14',
    /\[weight, cores\], got \[1,5, 4\]/,
    /is \[1\.5, 4\] meant\? Decimal numbers use a dot/,
  ],
  ['{ "a": {"weight": 1,5, "cores": 4} }', '1:20', /a comma inside a number/, /use a dot/],
  ["{ 'a': [1, 4] }", '1:3', /single quotes/, /double quotes/],
  ['{ a: [1, 4] }', '1:3', /the name a stands without quotes/, /write "a"/],
  ['{ “a”: [1, 4] }', '1:3', /typographic quotes/, /straight double quotes/],
  ['{ „a“: [1, 4] }', '1:3', /typographic quotes/, /straight double quotes/],
  ['{ // mine\n"a": [1, 4] }', '1:3', /JSON has no comments/, /remove it/],
  ['{ "a": [1, 4] /* mine */ }', '1:15', /JSON has no comments/, /remove it/],
  ['{ # mine\n"a": [1, 4] }', '1:3', /JSON has no comments/, /remove it/],
  ['{ "a" = [1, 4] }', '1:7', /= where a colon belongs/, /"lab1": \[1\.0, 8\]/],
  ['{ "a" [1, 4] }', '1:7', /a colon is missing/, /"lab1": \[1\.0, 8\]/],
  ['{ "a": [1, 4]; "b": [1, 4] }', '1:14', /; where a comma belongs/, /put a comma/],
  ['{ "a": [1, 4', '1:13', /the closing \] is missing/, /"lab1"/],
  ['{ "a": [1, 4, "b": [1, 4] }', '1:15', /the closing \] is missing before this entry/, /"lab1"/],
  ['{ "a": [1, 4 }', '1:14', /the closing \] is missing before this/, /"lab1"/],
  ['{ "a": [1, 4]', '1:14', /the closing } is missing at the end/, /ends with }/],
  ['"a": [1, 4] }', '1:1', /the opening { is missing/, /begins with {/],
  ['{ "a": [1, 4] } }', '1:17', /a } too many/, /begins with {/],
  ['{ "a": [1, 4] }\n{ "b": [1, 4] }', '2:1', /nothing may follow the closing }/, /all machines/],
  ['{ "a": 1, 4] }', '1:11', /a name in double quotes is missing/, /"lab1"/],
  ['{ "a": (1, 4) }', '1:8', /round brackets/, /\[1\.0, 8\]/],
  ['{ "a": [1/2, 4] }', '1:10', /a fraction/, /0\.5, not 1\/2/],
  ['[["a", 1, 4]]', '1:1', /must hold an object in { }, not a list/, /for example/],
  ['7', '1:1', /must hold an object in { }/, /for example/],
  ['{ "a": [1, 2, 3] }', '1:15', /\[weight, cores\], got \[1, 2, 3\]/, /two numbers/],
  ['{ "a": [8] }', '1:8', /\[weight, cores\], got \[8\]/, /is \[1, 8\] meant\?/],
  ['{ "a": [] }', '1:8', /\[weight, cores\], got \[\]/, /two numbers/],
  ['{ "a": 8 }', '1:8', /\[weight, cores\], got 8/, /is \[1, 8\] meant\?/],
  ['{ "a": "8" }', '1:8', /\[weight, cores\], got "8"/, /for example/],
  ['{ "machines": { "a": [1, 4] } }', '1:15', /machines within a machine/, /outermost braces/],
  ['{ "a": {"weight": 1, "core": 2} }', '1:22', /has no "core"/, /is cores meant\?/],
  ['{ "a": {"weight": 1, "cores": 2, "gpu": 1} }', '1:34', /has no "gpu"/, /known: weight, cores, host/],
  ['{ "a": {"weight": 1, "cores": 2, "cores": 3} }', '1:34', /cores is there twice/, /keep one/],
  ['{ "a": {"cores": 2} }', '1:8', /weight is missing/, /"weight": 1/],
  ['{ "a": {"weight": 2} }', '1:8', /cores is missing/, /"cores": 8/],
  ['{ "a": [.5, 4] }', '1:9', /\.5 is no number/, /0\.5, not \.5/],
  ['{ "a": [+1, 4] }', '1:9', /\+1 is no number/, /1, not \+1/],
  ['{ "a": [1, 08] }', '1:12', /a number that begins with 0/, /8, not 08/],
  ['{ "a": [1., 8] }', '1:9', /1\. is no complete number/, /1\.0, not 1\./],
  ['{ "a": [1, 4x] }', '1:12', /4x is no number/, /digits/],
  ['{ "a": [1, 0x10] }', '1:12', /0x10 is no number/, /digits/],
  ['', '1:1', /the file is empty/, /for example/],
  [' \n\n', '3:1', /the file is empty/, /for example/],
  ['\ufeff{ "a": [1, 0] }', '1:12', /cores must be/, /from 1/],
  ['{}', '1:1', /names no machine/, /for example/],
  ['{ "a: [1, 4] }\n', '1:3', /the closing quote is missing/, /double quotes/],
  ['{ "lab\\d": [1, 4] }', '1:3', /a backslash that means nothing/, /\\\\/],
  ['{ "a\tb": [1, 4] }', '1:3', /a control character/, /remove it/],
  ['{ "All": [1, 1] }', '1:3', /is reserved/, /N\/A/],
  ['{ " ": [1, 1] }', '1:3', /must have a name/, /for example/],
  ['{ "a": {"weight": 1, "cores": 1, "host": "-oProxyCommand=x"} }', '1:42', /host must be a name for ssh/, /me@lab1/],
  ['{ "K\ufffdln": [1, 4] }', '1:5', /not UTF-8/, /save the file as UTF-8/],
];

describe('machines.json: mistakes', () => {
  for (const [text, place, what, hint] of mistakes) {
    it(`explains ${JSON.stringify(text)}`, () => {
      const lines = complain(text).split('\n');
      assert.equal(lines.length, 4, lines.join('\n'));
      assert.ok(lines[0]?.startsWith(`machines.json:${place}: `), lines.join('\n'));
      assert.match(lines[0] ?? '', what);
      assert.match(lines[3] ?? '', hint);
      // The caret stands under the place that the line names.
      const column = Number(place.split(':')[1]);
      const margin = (lines[1] ?? '').indexOf('| ') + 2;
      assert.equal((lines[2] ?? '').indexOf('^') - margin + 1, column);
    });
  }

  it('a file saved as UTF-16, with its mark or without', () => {
    for (const bytes of [Buffer.from('\ufeff{ "a": [1, 4] }', 'utf16le'), Buffer.from('{ "a": [1, 4] }', 'utf16le')]) {
      for (const each of [bytes, Buffer.from(bytes).swap16()]) {
        assert.equal(complain(each.toString('utf8')), 'machines.json is saved as UTF-16\n  save it as UTF-8');
      }
    }
  });

  it('brackets without end do not end the program', () => {
    for (const bracket of ['[', '{"a":', '{"a":[']) {
      assert.match(complain(bracket.repeat(200_000)), /brackets within brackets, too deep/);
    }
  });

  it('many mistakes are counted after the first twenty', () => {
    const entries = Array.from({ length: 50 }, (_, at) => `"m${at}": [0, 1]`);
    assert.match(complain(`{ ${entries.join(',')} }`), /30 more mistakes in the machines$/);
  });

  it('weights are exact, however small or large', () => {
    const result = parseMachines('{ "a": [1e-9, 1], "b": [1E9, 1], "c": [0.1, 1], "d": [2.50, 1] }', 'm');
    assert.ok(result.ok);
    assert.deepEqual(
      result.value.map(({ weight }) => [weight.numerator, weight.denominator]),
      [
        [1n, 1_000_000_000n],
        [1_000_000_000n, 1n],
        [1n, 10n],
        [5n, 2n],
      ],
    );
  });

  it('only a template that nobody touched counts as one', () => {
    assert.ok(machinesAreTemplate('{ "<name of the first machine>": [1.0, 8], "<x>": [1, 1] }'));
    assert.ok(!machinesAreTemplate('{ "lab1": [1.0, 8], "<name of the second machine>": [1, 1] }'));
    assert.ok(!machinesAreTemplate('{ "<x>": [1.0, 8 '));
    assert.ok(!machinesAreTemplate('{}'));
  });
});
