import { html, type Markup, trusted } from './html.ts';
import { SCRIPT, STYLE } from './style.ts';

/** Nothing is loaded from anywhere: the file is all there is. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/** One figure of a report's head. */
export interface Card {
  readonly value: string;
  readonly label: string;
}

export interface Page {
  readonly title: string;
  readonly lead: string;
  readonly cards: readonly Card[];
  readonly content: readonly Markup[];
  readonly footer: string;
}

/** A whole page that opens offline. */
export function page({ title, lead, cards, content, footer }: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${title}</title>
<style>${trusted(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p class="lead">${lead}</p>
<div class="cards">${cards.map(({ value, label }) => html`<div class="card"><b>${value}</b><span>${label}</span></div>`)}</div>
${content}
<footer>${footer}</footer>
</main>
<script>${trusted(SCRIPT)}</script>
</body>
</html>
`.markup;
}

/** A part of a page under its heading; `note` says how to read it. */
export function section(title: string, note: string, content: readonly Markup[]): Markup {
  return html`<section><h2>${title}</h2>${note === '' ? null : html`<p class="note">${note}</p>`}${content}</section>
`;
}

export const beside = (sections: readonly Markup[]): Markup => html`<div class="two">${sections}</div>`;

/** A table; the first cell of a row names it. */
export function table(
  caption: string,
  header: readonly string[],
  rows: readonly { readonly kind?: 'main' | 'base' | undefined; readonly cells: readonly string[] }[],
): Markup {
  return html`<div class="wide"><table><caption>${caption}</caption><thead><tr>${header.map((cell) => html`<th scope="col">${cell}</th>`)}</tr></thead><tbody>${rows.map(
    ({ kind, cells: [name = '', ...cells] }) =>
      html`<tr class="${kind ?? ''}"><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

/** What a chart shows, as a table that opens on demand. */
export const asTable = (content: Markup): Markup =>
  html`<details><summary>The same as a table</summary>${content}</details>`;

/** Bars beside their names, the longest as wide as there is room. */
export function meters(
  rows: readonly { readonly name: string; readonly value: number; readonly text: string }[],
): Markup {
  const most = Math.max(...rows.map(({ value }) => value), Number.MIN_VALUE);
  return html`<dl class="meter">${rows.map(
    ({ name, value, text }) =>
      html`<dt>${name}</dt><dd aria-hidden="true"><i style="width:${(Math.max(0, value / most) * 100).toFixed(1)}%"></i></dd><dd>${text}</dd>`,
  )}</dl>`;
}

/** Names and what is known under them. */
export const facts = (rows: readonly (readonly [name: string, value: string])[]): Markup =>
  html`<dl class="facts">${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
