import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import { bundlePage } from '../../build/report-page.ts';
import { machineName } from '../../src/core/ids.ts';
import { escapeHtml, html, spellScriptData } from '../../src/face/report/html.ts';
import { durationTicks } from '../../src/face/report/page/duration-ticks.ts';
import { renderReport } from '../../src/face/report/render-report.ts';
import { spellPart, spellSpan } from '../../src/face/report/spell.ts';
import { reportOn } from '../../src/run/report.ts';
import { writeJournal } from '../fixtures/write-journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'job-splitter-report-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const pieces = [
  ...[
    '</script>',
    '<script>',
    '<!--',
    ']]>',
    '<img src=x onerror=alert(1)>',
    '"',
    "'",
    '`',
    '&',
    '&lt;',
    '&#60;',
    '\\',
  ],
  ...[
    '\u2028',
    '\u2029',
    '\u0000',
    '\u001b[2J',
    '\u009b1m',
    '\u202e',
    '\u2066',
    '\ufeff',
    '\r',
    '\n',
    '\t',
    '\ud800',
    '😀',
    'é',
  ],
];
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 5 })))
  .map((list) => list.join(''));

/** What a browser reads in the text of an element. */
function decodeEntities(text: string): string {
  return text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
}

const unsafe =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])/;

describe('text in a page', () => {
  it('ends no element and no attribute, and holds no control character', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const escaped = escapeHtml(text);
        assert.doesNotMatch(escaped, /[<>"'`\n]/);
        assert.doesNotMatch(escaped, /&(?!#\d+;)/);
        assert.doesNotMatch(escaped, unsafe);
        assert.equal(
          html`<p title="${text}">${[text, undefined, 1]}</p>`.text,
          `<p title="${escaped}">${escaped}1</p>`,
        );
      }),
    );
  });

  it('is still readable', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), (text) =>
        assert.equal(decodeEntities(escapeHtml(text)), text),
      ),
    );
  });

  it('in a script of data comes back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), hostile, (value, text) => {
        const spelt = spellScriptData([value, text, { [text]: text }]).text;
        assert.doesNotMatch(spelt, /[<>&\u2028\u2029\n]/);
        assert.deepEqual(JSON.parse(spelt), JSON.parse(JSON.stringify([value, text, { [text]: text }])));
      }),
    );
  });
});

describe('page', () => {
  let page: Awaited<ReturnType<typeof bundlePage>>;
  before(async () => {
    page = await bundlePage();
  });

  it('holds no markup and no address of a job, wherever its text stands', () => {
    const of = fc.record({
      message: hostile,
      stack: hostile,
      args: fc.array(hostile, { maxLength: 3 }),
      machine: hostile,
      name: hostile,
    });
    let round = 0;
    fc.assert(
      fc.property(of, ({ message, stack, args, machine, name }) => {
        const jobs = [0, 1, 2, 3].map((job) => ({ job, args, worker: 1, startedAtMs: 1.7e12, runMs: job }));
        const failure = { cause: 'error', message, stack } as const;
        const place = join(folder, String(round++));
        const bad = jobs.map((it) => (it.job > 1 ? { ...it, failure } : it));
        writeJournal(place, bad, { experiment: name, machine: machineName(machine), total: 4, share: 4 });
        const result = reportOn([place], 1.7e12);
        assert.ok(result.ok);
        const { text, count } = bare(renderReport(result.value.report, page));
        assert.doesNotMatch(text, unsafe);
        assert.equal(count, markupOfPlainPage(page));
      }),
      { numRuns: 40 },
    );
  });

  it('may fetch nothing and run nothing but its own script', () => {
    const place = join(folder, 'policy');
    writeJournal(place, [{ job: 0, args: [1], worker: 1, startedAtMs: 1.7e12, runMs: 1 }], { total: 1, share: 1 });
    const result = reportOn([place], 1.7e12);
    assert.ok(result.ok);
    const text = renderReport(result.value.report, page);
    const hash = (part: string): string => createHash('sha256').update(part).digest('base64');
    const policy = decodeEntities(/Content-Security-Policy" content="([^"]*)"/.exec(text)?.[1] ?? '');
    assert.ok(policy.startsWith("default-src 'none'; "));
    const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? [];
    const scripts = [...text.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, script = '']) => script);
    assert.equal(scripts.length, 1);
    assert.ok(policy.includes(`script-src 'sha256-${hash(scripts[0] ?? '')}'`));
    assert.ok(policy.includes(`style-src 'sha256-${hash(style)}'`));
    assert.doesNotMatch(text, /https?:|style="|@import|url\(/);
  });
});

/** A page without script, style and data; and how many elements it has. */
function bare(page: string): { readonly text: string; readonly count: number } {
  const text = page.replace(/<(script|style)([^>]*)>[\s\S]*?<\/\1>/g, '');
  return { text, count: text.split('<').length };
}

/** The same report of harmless jobs, which have the same in common. */
function markupOfPlainPage(page: Parameters<typeof renderReport>[1]): number {
  const place = join(folder, 'plain');
  const jobs = [0, 1, 2, 3].map((job) => {
    const one = { job, args: ['a', 'b'], worker: 1, startedAtMs: 1.7e12, runMs: job };
    return job > 1 ? { ...one, failure: { cause: 'error', message: 'm', stack: 's' } as const } : one;
  });
  writeJournal(place, jobs, { total: 4, share: 4 });
  const result = reportOn([place], 1.7e12);
  assert.ok(result.ok);
  return bare(renderReport(result.value.report, page)).count;
}

describe('numbers on the page', () => {
  it('are short', () => {
    const spans = [
      0, 0.0004, 0.25, 12.345, 999.6, 3_210, 59_970, 250_000, 3_599_700, 11_520_000, 86_399_999, 183_600_000,
    ];
    assert.deepEqual(spans.map(spellSpan), [
      '0 s',
      '0.4 µs',
      '250 µs',
      '12.3 ms',
      '1 s',
      '3.21 s',
      '1 min',
      '4 min 10 s',
      '1 h',
      '3 h 12 min',
      '1 d',
      '2 d 3 h',
    ]);
    assert.deepEqual([0, 0.0001, 0.125, 0.9999, 1].map(spellPart), ['0 %', '< 0.1 %', '12.5 %', '100 %', '100 %']);
  });

  it('mark an axis a few times, whatever its range', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.001, max: 1e9, noNaN: true }),
        fc.double({ min: 1.01, max: 1e9, noNaN: true }),
        (from, factor) => {
          const ticks = durationTicks(from, from * factor);
          assert.ok(ticks.length >= 2 && ticks.length <= 9);
          for (const ms of ticks) assert.ok(ms >= from * 0.999 && ms <= from * factor * 1.001);
        },
      ),
    );
  });
});
