// SPDX-License-Identifier: MIT
//
// The pixels of frames' bars, with a canvas that only keeps what is put onto it.
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Bars} from '../../src/visualizer/page/bars.js';

const STAGE = '#ffffff';
const LETTERS = {
  [STAGE]: '.',
  '#aa0000': 'a',
  '#00bb00': 'b'
};
const [A, B] = Object.keys(LETTERS).slice(1);

/** What `add(bars)` paints, a letter a pixel; rows of 4 px with 1 px between them. */
function painted({width, height, ratio = 1}, add) {
  let shown;
  const context = {
    canvas: {width, height},
    createImageData: () => ({width, height, data: new Uint8ClampedArray(4 * width * height)}),
    putImageData: ({data}) => {
      shown = data;
    }
  };
  const bars = new Bars(context, {row: 4, gap: 1, widthWithGap: 4});
  bars.begin(ratio, STAGE);
  add(bars);
  bars.put();
  const hex = (i) => `#${Buffer.from(shown.subarray(4 * i, 4 * i + 3)).toString('hex')}`;
  const line = (y) => Array.from({length: width}, (_, x) => LETTERS[hex(y * width + x)]).join('');
  assert.ok(shown.every((value, i) => i % 4 !== 3 || value === 255), 'opaque');
  return Array.from({length: height}, (_, y) => line(y));
}

test('Bars: a wide one leaves its gap free, narrow ones touch, the narrowest has a pixel', () => {
  const lines = painted({width: 12, height: 4}, (bars) => {
    bars.add(0, 0, 5, A);
    bars.add(5, 0, 3, B);
    bars.add(8.2, 0, 0.1, A);
  });
  assert.deepEqual(lines, ['aaaa.bbba...', 'aaaa.bbba...', 'aaaa.bbba...', '............']);
});

test('Bars: an inlined frame closes the gap to its caller, above or below, and no other', () => {
  const lines = (above) => painted({width: 4, height: 8}, (bars) => {
    bars.add(0, 0, 3, A, false, !above);
    bars.add(0, 4, 2, B, above, false);
  });
  const [a, b] = ['aaa.', 'bb..'];
  assert.deepEqual(lines(true), [a, a, a, b, b, b, b, '....']);
  assert.deepEqual(lines(false), [a, a, a, a, b, b, b, '....']);
});

test('Bars: rows that are scrolled half out of view are cut, those beyond it are not there', () => {
  const lines = painted({width: 2, height: 6}, (bars) => {
    bars.add(0, -6, 2, B);
    bars.add(0, -2, 2, A);
    bars.add(-1, 2, 9, B);
    bars.add(0, 6, 2, A);
  });
  assert.deepEqual(lines, ['aa', '..', 'bb', 'bb', 'bb', '..']);
});

test('Bars: long ones are filled as short ones are, at two device pixels a px as well', () => {
  const lines = painted({width: 44, height: 8, ratio: 2}, (bars) => {
    bars.add(0, 0, 20, A);
    bars.add(20, 0, 1, B);
  });
  const line = `${'a'.repeat(38)}..bb..`;
  const none = '.'.repeat(44);
  assert.deepEqual(lines, [line, line, line, line, line, line, none, none]);
});
