import { escapeText } from '../../core/escape-text.ts';

/** Text that is HTML already. Everything else that goes into a page is escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | number | undefined | readonly Part[];

/** A template whose values are escaped, wherever they come from; lists are joined, `undefined` is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(strings.reduce((text, piece, at) => `${text}${spellPart(values[at - 1])}${piece}`));
}

function spellPart(part: Part): string {
  if (part === undefined) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(spellPart).join('');
  return escapeHtml(String(part));
}

/** Fit for an element and for an attribute between quotes: control characters and marks that turn the writing are spelt out. */
export function escapeHtml(text: string): string {
  return escapeText(text.toWellFormed()).replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Text of several lines, for `<pre>`. */
export function lines(text: string): Html {
  return new Html(text.split(/\r?\n/).map(escapeHtml).join('\n'));
}

/** A value for `<script type="application/json">`: JSON without a character that could end the element or a line. */
export function spellScriptData(value: unknown): Html {
  const spelt = JSON.stringify(value).replace(/[<>&\u007f-\u009f\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  return new Html(spelt);
}

/** A table with a caption that says what is in it; the first column heads its row, the others hold numbers unless named in `texts`. */
export function table(caption: string, heads: readonly string[], rows: readonly (readonly Part[])[]): Html {
  return html`<div class="scroll"><table><caption>${caption}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(
    ([first, ...cells]) => html`<tr><th scope="row">${first}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>\n`,
  )}</tbody></table></div>\n`;
}

/** A bar beside a number, `part` of 1 long. */
export function bar(part: number, kind: 'plan' | 'real'): Html {
  const width = Number((100 * Math.min(1, Math.max(0, part))).toFixed(1));
  return html`<svg class="bar ${kind}" viewBox="0 0 100 8" width="100" height="8" aria-hidden="true" focusable="false" preserveAspectRatio="none"><rect class="track" width="100" height="8"/><rect width="${width}" height="8"/></svg>`;
}
