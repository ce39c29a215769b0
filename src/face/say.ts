import type { Diagnostic } from '../core/diagnostic.ts';
import { renderDiagnostic } from '../core/render-diagnostic.ts';

/** Everything but data goes to stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

export function sayDiagnostics(diagnostics: readonly Diagnostic[]): void {
  for (const diagnostic of diagnostics) {
    say(`${diagnostic.severity === 'warning' ? 'warning: ' : ''}${renderDiagnostic(diagnostic)}`);
  }
}
