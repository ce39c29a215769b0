import type { Diagnostic } from '../core/diagnostic.ts';
import { renderDiagnostic } from '../core/render-diagnostic.ts';
import { foldLine } from './fold-line.ts';

/** Everything but data goes to stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** A field with its words, `Random      random gives …`, folded where a terminal is narrow. */
export function sayField(text: string): void {
  const columns = process.stderr.isTTY === true && process.stderr.columns > 0 ? process.stderr.columns - 1 : 10_000;
  for (const line of foldLine(text, columns)) say(line);
}

export function sayDiagnostics(diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) {
    say(`${diagnostic.severity === 'warning' ? 'warning: ' : ''}${renderDiagnostic(diagnostic)}`);
  }
}
