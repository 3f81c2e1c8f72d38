// SPDX-License-Identifier: Apache-2.0
// A contract and one script made smaller, as long as something still holds of them.
'use strict';

const MOST_TRIALS = 400;

/// Every list of parts in a tree, the outermost first.
function lists(node, found = []) {
  if (typeof node === 'string') return found;
  found.push(node);
  node.body.forEach((each) => lists(each, found));
  return found;
}

const copy = (node) => (typeof node === 'string' ? node : { ...node, body: node.body.map(copy) });

/// The smallest found of {name, tree, script} that `holds` (a promise of a truth). `one` itself is taken to hold.
async function smaller(one, holds) {
  let best = one;
  let trials = 0;
  const attempt = async (candidate) => {
    if (trials >= MOST_TRIALS) return false;
    trials += 1;
    if (!(await holds(candidate))) return false;
    best = candidate;
    return true;
  };
  // Calls from the last on, which is where most can go at once, then parts of the source, in pieces that halve.
  for (let size = best.script.length; size >= 1; size = Math.floor(size / 2)) {
    for (let end = best.script.length; end > 1; end -= size) {
      const begin = Math.max(1, end - size);
      await attempt({ ...best, script: [...best.script.slice(0, begin), ...best.script.slice(end)] });
    }
  }
  for (let changed = true; changed && trials < MOST_TRIALS; ) {
    changed = false;
    for (let at = 0; at < lists(best.tree).length; ++at) {
      for (let size = lists(best.tree)[at].body.length; size >= 1; size = Math.floor(size / 2)) {
        for (let end = lists(best.tree)[at]?.body.length ?? 0; end > 0; end -= size) {
          const tree = copy(best.tree);
          const list = lists(tree)[at];
          if (!list) break;
          list.body.splice(Math.max(0, end - size), Math.min(size, end));
          changed = (await attempt({ ...best, tree })) || changed;
        }
      }
    }
  }
  return best;
}

module.exports = { smaller };
