// SPDX-License-Identifier: Apache-2.0
// The cases in a folder: which there are, and what stands in each.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const { ScriptError, readScript } = require('./script.js');

/// Names (`TOPIC/NAME`) of all cases, or of those that a pattern of `patterns` is a part of.
function caseNames(root, patterns) {
  const names = [];
  for (const topic of fs.readdirSync(root, { withFileTypes: true }).filter((one) => one.isDirectory()).map((one) => one.name).sort()) {
    for (const entry of fs.readdirSync(path.join(root, topic), { withFileTypes: true })) {
      const file = entry.name;
      // What a case imports lies in a folder of its name.
      if (entry.isDirectory()) continue;
      if (file.endsWith('.sol')) names.push(`${topic}/${file.slice(0, -4)}`);
      else if (!/\.(calls|expected)$/.test(file)) throw new ScriptError(`${path.join(root, topic, file)}:1: this belongs to no case`);
    }
  }
  names.sort();
  return patterns.length === 0 ? names : names.filter((name) => patterns.some((pattern) => name.includes(pattern)));
}

/// What the comment lines at the top of a source say: `// contract: NAME`, `// refuses: TARGET: TEXT`, `// differs: TARGET: WHY`, `// reference: new pipeline`.
function readHead(source, file) {
  const head = { contract: null, refuses: {}, differs: {}, pipelines: null };
  source.split('\n').some((line, index) => {
    if (!line.startsWith('//')) return true;
    const contract = /^\/\/ contract: (\w+)$/.exec(line);
    const refuses = /^\/\/ refuses: (\w+): (.+)$/.exec(line);
    const differs = /^\/\/ differs: (\w+): (.+)$/.exec(line);
    if (contract) head.contract = contract[1];
    else if (refuses) head.refuses[refuses[1]] = refuses[2];
    else if (differs) head.differs[differs[1]] = differs[2];
    else if (line === '// reference: new pipeline') head.pipelines = ['new pipeline'];
    else if (/^\/\/ ?(contract|refuses|differs|reference): /.test(line)) throw new ScriptError(`${file}:${index + 1}: unreadable head: ${line}`);
    return false;
  });
  if (!head.contract) head.contract = [...source.matchAll(/^contract (\w+)/gm)].at(-1)?.[1];
  if (!head.contract) throw new ScriptError(`${file}:1: no contract`);
  return head;
}

/// {name, file, source, contract, refuses, differs, pipelines, steps, expectedFile, expected (null when missing)}
function readCase(root, name) {
  const file = path.join(root, name + '.sol');
  const source = fs.readFileSync(file, 'utf8');
  const calls = path.join(root, name + '.calls');
  if (!fs.existsSync(calls)) throw new ScriptError(`${calls}:1: the script is missing`);
  const expectedFile = path.join(root, name + '.expected');
  const expected = fs.existsSync(expectedFile) ? fs.readFileSync(expectedFile, 'utf8') : null;
  return { name, file, source, ...readHead(source, file), steps: readScript(fs.readFileSync(calls, 'utf8'), calls), expectedFile, expected };
}

module.exports = { caseNames, readCase };
