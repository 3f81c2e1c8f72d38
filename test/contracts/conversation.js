// SPDX-License-Identifier: Apache-2.0
// A script played on a machine: what was asked and what came back, as the text that .expected files hold.
'use strict';
const { packageOf } = require('../machines/packages.js');
const { ethers } = packageOf('ethers');
const { ScriptError } = require('./script.js');
const { ACCOUNTS, asBytes, toAbi, listText } = require('./values.js');

const FIRST_TIME = 1_700_000_000n;
const FUNDS = 1000n * 10n ** 18n;
const coder = ethers.AbiCoder.defaultAbiCoder();
const BUILT_IN_ERRORS = { '0x08c379a0': 'Error', '0x4e487b71': 'Panic' };

/// Whether one of these parameters is, or holds, a value of an external function type, which ethers has not got.
const holdFunctions = (params) => (params ?? []).some(({ type, components }) => type.startsWith('function') || holdFunctions(components));

/// A contract as those outside see it: `abi` is the JSON of an ABI file. What takes or gives functions is left out: scripts cannot write them.
class Face {
  constructor(abi) {
    this.interface = new ethers.Interface(abi.filter(({ inputs, outputs }) => !holdFunctions(inputs) && !holdFunctions(outputs)));
  }

  /// The function that a step names; a script that fits none or several is wrong.
  function(step) {
    const all = this.interface.fragments.filter((one) => one.type === 'function' && one.name === step.name);
    const fitting = step.types !== null ? all.filter((one) => one.format('sighash') === `${step.name}(${step.types})`) : all.filter((one) => one.inputs.length === step.args.length);
    if (fitting.length === 1) return fitting[0];
    const known = all.map((one) => one.format('sighash')).join(', ') || 'none of that name';
    throw new ScriptError(`${step.file}:${step.line}: \`${step.name}\` fits ${fitting.length} functions; there is: ${known}`);
  }

  constructorFragment(step) {
    const fragment = this.interface.deploy;
    if (fragment.inputs.length !== step.args.length) throw new ScriptError(`${step.file}:${step.line}: the constructor takes ${fragment.inputs.length} arguments`);
    return fragment;
  }

  event(topic) {
    return this.interface.fragments.find((one) => one.type === 'event' && !one.anonymous && one.topicHash === topic);
  }

  error(selector) {
    return this.interface.fragments.find((one) => one.type === 'error' && one.selector === selector);
  }
}

/// The face of an artifact, made once: a contract is played many times.
const faces = new WeakMap();
function faceOf(artifact) {
  if (!faces.has(artifact)) faces.set(artifact, new Face(artifact.abi));
  return faces.get(artifact);
}

function decode(types, data, self) {
  return listText(coder.decode(types.map(asBytes), data), types, self);
}

/// `revert`, `revert Panic(0x11)`, `revert Error("m")`, `revert Name(…)`; bytes that fit nothing stay bytes.
function revertText(face, data, self) {
  if (data === '0x') return 'revert';
  const selector = data.slice(0, 10);
  const content = '0x' + data.slice(10);
  try {
    if (BUILT_IN_ERRORS[selector] === 'Panic') return `revert Panic(0x${coder.decode(['uint256'], content)[0].toString(16).padStart(2, '0')})`;
    if (BUILT_IN_ERRORS[selector] === 'Error') return `revert Error${decode([ethers.ParamType.from('string')], content, self)}`;
    const error = face.error(selector);
    if (error) return `revert ${error.name}${decode(error.inputs, content, self)}`;
  } catch (cause) {
    if (!ethers.isError(cause, 'BUFFER_OVERRUN') && !ethers.isError(cause, 'INVALID_ARGUMENT')) throw cause;
  }
  return `revert ${data}`;
}

/// An indexed argument: the value, or the hash that stands for what is longer than a word.
function topicText(topic, type, self) {
  const is_hashed = type.baseType === 'array' || type.baseType === 'tuple' || type.type === 'string' || type.type === 'bytes';
  return is_hashed ? `hash ${topic}` : decode([type], topic, self).slice(1, -1);
}

function eventText(face, log, self) {
  const event = face.event(log.topics[0]);
  if (!event) return `emit anonymous [${log.topics.join(', ')}] ${log.data}`;
  const plain = event.inputs.filter((one) => !one.indexed);
  const values = coder.decode(plain.map(asBytes), log.data);
  let [topic, value] = [1, 0];
  const texts = event.inputs.map((one) => (one.indexed ? topicText(log.topics[topic++], one, self) : listText([values[value++]], [one], self).slice(1, -1)));
  return `emit ${event.name}(${texts.join(', ')})`;
}

/// The lines that an answer of a machine makes. `outputs`: the types of the results, null where the bytes are shown.
function answerLines(face, answer, outputs, self) {
  if (answer.status === 'failed') return [`failed: ${answer.why}`];
  if (answer.status === 'reverted') return [revertText(face, answer.data, self)];
  let results;
  try {
    results = outputs === null ? answer.data : decode(outputs, answer.data, self);
  } catch (cause) {
    results = `not the types of the function: ${answer.data}`;
  }
  return [`ok ${results}`, ...answer.logs.map((log) => eventText(face, log, self))];
}

/// Plays `steps` on `machine`, which is reset first: [{step, lines}], ending early when the contract could not be made.
async function converse(machine, artifact, steps) {
  const face = faceOf(artifact);
  await machine.reset(Object.fromEntries(Object.values(ACCOUNTS).map((address) => [address, FUNDS])));
  const blocks = [];
  let time = FIRST_TIME;
  let number = 1n;
  const anyType = ethers.ParamType.from('address');
  const amountType = ethers.ParamType.from('uint256');
  for (const step of steps) {
    if (step.kind === 'time') {
      time += step.seconds;
      continue;
    }
    if (step.kind === 'balance') {
      const address = toAbi(step, { kind: 'name', name: step.who }, anyType, machine.self);
      const before = Object.values(ACCOUNTS).includes(address) ? FUNDS : 0n;
      blocks.push({ step, lines: [`ok (${(await machine.balance(address)) - before})`] });
      continue;
    }
    const message = {
      artifact, time, number, from: toAbi(step, step.options.from ?? { kind: 'name', name: 'a' }, anyType, machine.self),
      value: step.options.value ? toAbi(step, step.options.value, amountType, machine.self) : 0n,
    };
    let outputs = null;
    if (step.kind === 'raw') {
      message.data = step.data;
    } else {
      message.fragment = step.kind === 'new' ? face.constructorFragment(step) : face.function(step);
      message.args = step.args.map((value, i) => toAbi(step, value, message.fragment.inputs[i], machine.self));
      message.data = (step.kind === 'new' ? '0x' : message.fragment.selector) + coder.encode(message.fragment.inputs.map(asBytes), message.args).slice(2);
      outputs = message.fragment.outputs ?? null;
    }
    const answer = step.kind === 'new' ? await machine.deploy(message) : await machine.call(message);
    const lines = answerLines(face, step.kind === 'new' ? { ...answer, data: answer.status === 'done' ? '0x' : answer.data } : answer, step.kind === 'new' ? [] : outputs, machine.self);
    blocks.push({ step, lines });
    if (step.kind === 'new' && answer.status !== 'done') break;
    time += 1n;
    number += 1n;
  }
  return blocks;
}

/// The text of an .expected file.
const conversationText = (blocks) => blocks.map(({ step, lines }) => [`> ${step.text}`, ...lines].join('\n') + '\n').join('\n');

module.exports = { converse, conversationText };
