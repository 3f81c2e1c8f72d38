// SPDX-License-Identifier: Apache-2.0
// Answers of several machines to the same calls, side by side.
'use strict';

const WIDEST_CALL = 34;
const WIDEST_ANSWER = 32;
const NARROWEST = 12;

const cut = (text, width) => (text.length <= width ? text.padEnd(width) : text.slice(0, width - 1) + '…');
const LARGEST = String(2n ** 256n - 1n);
/// `ok (5)` is `5` in a table, `ok ()` is `ok`; the address zero and the largest number go by shorter names.
const short = (line) => line.replace(/^ok \((.*)\)$/s, (_, values) => values || 'ok').replace(/^emit /, '  ').replaceAll('0x' + '0'.repeat(40), '0').replaceAll(LARGEST, 'max');

/// `columns`: [{chain, blocks: [{step, lines}], shown (a line as it may be compared), …}]; `width`: of the terminal, 0 where there is none.
function resultTable(columns, width) {
  const heads = ['call', ...columns.map((column) => column.chain)];
  const rows = columns[0].blocks.map((block, i) => [[block.step.text], ...columns.map((column) => (column.blocks[i]?.lines ?? ['no answer']).map((line) => short(column.shown(line))))]);
  const widest = (k, most) => Math.min(most, Math.max(heads[k].length, ...rows.flatMap((row) => row[k].map((line) => line.length))));
  const widths = heads.map((_, k) => widest(k, k === 0 ? WIDEST_CALL : WIDEST_ANSWER));
  const room = () => widths.reduce((sum, each) => sum + each, 2 * (widths.length - 1));
  for (let wide = 0; width > 0 && room() > width && wide >= 0; ) {
    wide = widths.indexOf(Math.max(...widths));
    if (widths[wide] <= NARROWEST) break;
    widths[wide] -= 1;
  }
  const line = (cells) => cells.map((cell, k) => cut(cell ?? '', widths[k])).join('  ').trimEnd();
  const lines = [line(heads), line(widths.map((each) => '─'.repeat(each)))];
  for (const row of rows) {
    const height = Math.max(...row.map((cell) => cell.length));
    for (let h = 0; h < height; ++h) lines.push(line(row.map((cell) => cell[h])));
  }
  return lines.join('\n');
}

module.exports = { resultTable };
