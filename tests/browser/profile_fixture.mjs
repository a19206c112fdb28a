// SPDX-License-Identifier: MIT
//
// A .cpuprofile to read back, and what its samples say: the file named by CPUPROFILE, or one made
// here of the samples a, b, a, a, a. Times are microseconds.
import {readFileSync} from 'node:fs';

const SAMPLE_US = 10000;

export function loadProfile() {
  return process.env.CPUPROFILE ? JSON.parse(readFileSync(process.env.CPUPROFILE, 'utf8')) :
                                  abaaa();
}

/** Five samples under main; a last one of the root, without hits, ends the fifth. */
function abaaa() {
  const node = (id, functionName, hitCount, children = []) => ({
    id,
    hitCount,
    children,
    callFrame: {
      functionName,
      scriptId: String(1000000 + id),
      url: 'file:///src/abaaa.cc',
      lineNumber: id,
      columnNumber: 0
    }
  });
  return {
    nodes:
        [node(1, '(root)', 0, [2]), node(2, 'main', 0, [3, 4]), node(3, 'a', 4), node(4, 'b', 1)],
    startTime: 1000000,
    endTime: 1000000 + 5 * SAMPLE_US,
    samples: [3, 4, 3, 3, 3, 1],
    timeDeltas: [0, SAMPLE_US, SAMPLE_US, SAMPLE_US, SAMPLE_US, SAMPLE_US],
  };
}

/**
 * What the samples say: [{name, self, total}] by function; a recursive frame counts once in total.
 */
export function weightsOf(profile) {
  const parent =
      new Map(profile.nodes.flatMap(({id, children = []}) => children.map((child) => [child, id])));
  const weights = new Map();
  const byNode = new Map(profile.nodes.map(({id, callFrame}) => {
    const {functionName: name, url, lineNumber, columnNumber} = callFrame;
    const key = JSON.stringify([name, url, lineNumber, columnNumber]);
    if (!weights.has(key)) weights.set(key, {name, self: 0, total: 0});
    return [id, weights.get(key)];
  }));
  profile.samples.slice(0, -1).forEach((leaf, i) => {
    const lasted = profile.timeDeltas[i + 1];
    byNode.get(leaf).self += lasted;
    const onStack = new Set();
    for (let id = leaf; id !== undefined; id = parent.get(id)) onStack.add(byNode.get(id));
    for (const weight of onStack) weight.total += lasted;
  });
  return [...weights.values()];
}
