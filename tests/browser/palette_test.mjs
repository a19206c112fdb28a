// SPDX-License-Identifier: MIT
//
// The colours, worked out: apart for all kinds of eyes, and a background that names can be read on.
// Colour-blind eyes after Machado, Oliveira and Fernandes (2009), severity 1.
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {test} from 'node:test';

import {GREY, heatScale, HUES, SHADES} from '../../src/visualizer/page/palette.js';

const LEAST_DISTANCE = 0.05;  // in OKLab; neighbours of the first palette were 0.015 apart
const LEAST_CONTRAST = 4.5;   // WCAG 2.2 AA

const EYES = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protan: [
    [0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998]
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]
  ],
};

const clamp = (v) => Math.min(1, Math.max(0, v));
const times = (matrix, v) =>
    matrix.map((row) => clamp(row.reduce((sum, x, i) => sum + x * v[i], 0)));

/** OKLCH to linear sRGB. */
function linear(lightness, chroma, hue) {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const lms = [
    lightness + 0.3963377774 * a + 0.2158037573 * b,
    lightness - 0.1055613458 * a - 0.0638541728 * b, lightness - 0.0894841775 * a - 1.291485548 * b
  ].map((v) => v ** 3);
  return times(
      [
        [4.0767416621, -3.3077115913, 0.2309699292], [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.707614701]
      ],
      lms);
}

function oklab([red, green, blue]) {
  const [l, m, s] = [
    0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue,
    0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue,
    0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue
  ].map(Math.cbrt);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s
  ];
}

const luminance = ([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

function hexLuminance(hex) {
  const channels = [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255);
  return luminance(channels.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)));
}

const css = readFileSync(new URL('../../src/visualizer/page/style.css', import.meta.url), 'utf8');
const read = (name) => [...css.matchAll(new RegExp(`--${name}: ([^;]+);`, 'g'))].map(([, v]) => v);
const THEMES = ['light', 'dark'].map((name, i) => ({
                                       name,
                                       lightness: Number(read('frame-lightness')[i]),
                                       chroma: Number(read('frame-chroma')[i]),
                                       ink: read('frame-ink')[i]
                                     }));

for (const {name, lightness, chroma, ink} of THEMES) {
  const colours = [...HUES, GREY].map(
      ([hue, offset, factor]) => (shade) =>
          linear(lightness + offset + shade, chroma * factor, hue));

  for (const [eye, matrix] of Object.entries(EYES)) {
    test(`Palette: in the ${name} theme all families stay apart for ${eye} eyes`, () => {
      const seen = colours.map((colour) => oklab(times(matrix, colour(0))));
      seen.forEach((a, i) => seen.slice(0, i).forEach((b, j) => {
        const distance = Math.hypot(...a.map((v, n) => v - b[n]));
        assert.ok(distance >= LEAST_DISTANCE, `${i} and ${j}: ${distance.toFixed(3)}`);
      }));
    });
  }

  test(`Palette: in the ${name} theme names can be read on every shade`, () => {
    const text = hexLuminance(ink);
    for (const [i, colour] of colours.entries()) {
      for (const shade of SHADES) {
        const [low, high] = [text, luminance(colour(shade))].sort((a, b) => a - b);
        const contrast = (high + 0.05) / (low + 0.05);
        assert.ok(contrast >= LEAST_CONTRAST, `${i}: ${contrast.toFixed(2)}`);
      }
    }
  });
}

for (const [i, {name}] of THEMES.entries()) {
  test(`Palette: more heat is further from the ${name} theme's background, to all eyes`, () => {
    const scale = heatScale(Number(read('heat-least')[i]), Number(read('heat-most')[i]));
    const stage = hexLuminance(read('stage')[i]);
    for (const [eyes, matrix] of Object.entries(EYES)) {
      const contrasts =
          scale.map((colour) => Math.abs(luminance(times(matrix, linear(...colour))) - stage));
      contrasts.reduce((less, more) => {
        assert.ok(more > less, `${eyes}: ${contrasts}`);
        return more;
      }, 0);
    }
  });
}
