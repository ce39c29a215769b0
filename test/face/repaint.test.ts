import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import headless from '@xterm/headless';
import fc from 'fast-check';
import { insertAbove, leaveBoard, repaint } from '../../src/face/repaint.ts';

const [columns, rows] = [20, 8];
const line = fc.string({ unit: fc.constantFrom('a', 'b', '█', ' '), maxLength: columns - 1 });
const board = fc.array(line, { maxLength: rows - 1 });

function open(): { readonly write: (text: string) => Promise<void>; readonly lines: () => string[] } {
  const terminal = new headless.Terminal({ cols: columns, rows, allowProposedApi: true });
  return {
    write: (text) => new Promise((resolve) => terminal.write(text, resolve)),
    lines: () => {
      const { active } = terminal.buffer;
      return Array.from({ length: active.length }, (_, at) => active.getLine(at)?.translateToString(true) ?? '');
    },
  };
}

const trimmed = (lines: readonly string[]): string[] => {
  const all = lines.map((one) => one.trimEnd());
  while (all.at(-1) === '') all.pop();
  return all;
};

describe('painting a board', () => {
  it('shows the last board under all that was printed, whatever came before', async () => {
    const step = fc.oneof(
      board.map((lines) => ({ lines })),
      line.map((text) => ({ text })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const screen = open();
        let shown: readonly string[] = [];
        const printed: string[] = [];
        for (const one of steps) {
          if ('text' in one) {
            printed.push(one.text);
            await screen.write(insertAbove(`${one.text}\r\n`, shown));
          } else {
            await screen.write(repaint(shown, one.lines));
            shown = one.lines;
          }
        }
        await screen.write(`${leaveBoard(shown)}end`);
        assert.deepEqual(trimmed(screen.lines()), trimmed([...printed, ...shown, 'end']));
      }),
      { numRuns: 100 },
    );
  });

  it('never blanks a line that it rewrites, and never touches one that stays', async () => {
    const full = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: columns - 1, maxLength: columns - 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(full, full, fc.boolean()), { minLength: 1, maxLength: 5 }), async (lines) => {
        const screen = open();
        const before = lines.map(([old]) => old);
        const after = lines.map(([old, fresh, changes]) => (changes ? fresh : old));
        await screen.write(repaint([], before));
        for (const character of repaint(before, after)) {
          await screen.write(character);
          const seen = screen.lines();
          for (const [at, [old, fresh, changes]] of lines.entries()) {
            const now = seen[at] ?? '';
            assert.equal(now.length, columns - 1);
            if (!changes) assert.equal(now, old);
            else assert.ok([...now].every((one, place) => one === old[place] || one === fresh[place]));
          }
        }
      }),
      { numRuns: 10 },
    );
  });
});
