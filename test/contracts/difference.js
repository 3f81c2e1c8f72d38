// SPDX-License-Identifier: Apache-2.0
// Where two conversations differ, for people.
'use strict';

const SHOWN = 3;

/// The calls whose answers differ, both answers named; the first few of them.
function differences(left, right, leftName, rightName) {
  const blocks = (text) => text.split(/^(?=> )/m).map((block) => block.trimEnd().split('\n'));
  const [lefts, rights] = [blocks(left), blocks(right)];
  const out = [];
  let count = 0;
  for (let i = 0; i < Math.max(lefts.length, rights.length); ++i) {
    const [l, r] = [lefts[i] ?? ['no call'], rights[i] ?? ['no call']];
    if (l.join('\n') === r.join('\n')) continue;
    if (++count > SHOWN) continue;
    out.push(`  call ${i + 1}: ${(l[0].startsWith('> ') ? l[0] : r[0]).slice(0, 200)}`);
    const body = (lines) => (l[0] === r[0] ? lines.slice(1) : lines).join('\n      ').slice(0, 2000);
    out.push(`    ${leftName}:\n      ${body(l)}`, `    ${rightName}:\n      ${body(r)}`);
  }
  if (count > SHOWN) out.push(`  and ${count - SHOWN} more`);
  return out.join('\n');
}

module.exports = { differences };
