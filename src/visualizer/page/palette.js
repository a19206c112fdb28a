// SPDX-License-Identifier: MIT
//
// Frame colours. A family (namespace or module) has one of a few hues that differ in lightness too,
// so that they stay apart for colour-blind eyes; names within a family differ by a slight shade.
// Runtime families are grey: one's own code stands out. The style sheet says how light and how
// strong the colours are in the light and in the dark theme.

/**
 * [OKLCH hue, lightness offset, chroma factor]. Found by a search for the eight that, with the
 * grey, stay furthest apart for normal, protan, deutan and tritan eyes in both themes.
 */
export const HUES = [
  [271, -0.021, 1.02],  // blue
  [86, -0.087, 1.15],   // ochre
  [183, -0.105, 1.25],  // teal
  [99, 0.038, 1.19],    // yellow
  [24, -0.13, 0.99],    // brick
  [233, 0.034, 1],      // sky
  [112, -0.033, 0.66],  // olive
  [338, -0.03, 1],      // pink
];
export const GREY = [255, 0.03, 0.13];
const MORE_HUE = 50;   // orange
const LESS_HUE = 250;  // blue: both are told apart by all kinds of colour-blind eyes
const HEAT_HUE = 250;
const HEAT_LEVELS = 16;
const STRENGTHS = [0.35, 0.6, 0.9, 1.25, 1.6];
export const SHADES = [-0.022, 0, 0.022];
const SHADED_BY = 12;  // last letters of a name
const RUNTIME = new Set([
  'std', '__gnu_cxx', '__cxxabiv1', 'libc', 'libstdc++', 'libm', 'libpthread', 'libgcc_s',
  'ld-linux-x86-64', 'ld-linux-aarch64', '[vdso]', '[kernel]'
]);

function hash(text, from = 0) {
  let h = 0x811c9dc5;
  for (let i = from; i < text.length; ++i) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}

/** Small number that stands for the colour of a frame; Theme.fills is indexed by it. */
export function colourIndex(family, name) {
  const grey = RUNTIME.has(family.split('::', 1)[0]) || name.startsWith('[');
  const hue = grey ? HUES.length : hash(family) % HUES.length;
  const shade = hash(name, Math.max(0, name.length - SHADED_BY)) % SHADES.length;
  return hue * SHADES.length + shade;
}

/** Of the n-th group of a timeline; below 0, of all the others. */
export function groupColour({fills}, n) {
  return fills[(n < 0 ? HUES.length : n % HUES.length) * SHADES.length + 1];
}

const PLAIN = /^#[0-9a-f]{6}$/;
const plainColours = new Map();

/** Colours as #rrggbb, which a canvas parses much faster, thousands of times a paint. */
function plainlyOf(colours) {
  const unknown = colours.filter((colour) => !plainColours.has(colour));
  if (unknown.length > 0)
    readBack(unknown).forEach((plain, i) => plainColours.set(unknown[i], plain));
  return colours.map((colour) => plainColours.get(colour));
}

function readBack(colours) {
  if (colours.every((colour) => PLAIN.test(colour))) return colours;
  const {length} = colours;
  const pen =
      Object.assign(document.createElement('canvas'), {width: length, height: 1}).getContext('2d', {
        willReadFrequently: true
      });
  colours.forEach((colour, i) => {
    pen.fillStyle = colour;
    pen.fillRect(i, 0, 1, 1);
  });
  const {data} = pen.getImageData(0, 0, length, 1);
  return colours.map((_, i) => {
    const [red, green, blue] = data.subarray(4 * i);
    return `#${((1 << 24) | (red << 16) | (green << 8) | blue).toString(16).slice(1)}`;
  });
}

const pixels = new Map();

/** The colour as a pixel of an image's data, read as a number on a little-endian machine. */
export function pixelOf(colour) {
  let pixel = pixels.get(colour);
  if (pixel === undefined) {
    const rgb = Number(`0x${plainlyOf([colour])[0].slice(1)}`);
    pixel = (0xff000000 | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
    pixels.set(colour, pixel);
  }
  return pixel;
}

/** [lightness, chroma, hue] from the least lightness on: one hue, told apart by lightness alone. */
export function heatScale(least, most) {
  return Array.from({length: HEAT_LEVELS}, (_, i) => {
    const share = i / (HEAT_LEVELS - 1);
    return [least + (most - least) * share, 0.04 + 0.1 * share, HEAT_HUE];
  });
}

const themes = new Map();  // by whether it is the dark one

/** The theme of the moment: all that draw share it. */
export function currentTheme() {
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  if (!themes.has(dark)) themes.set(dark, new Theme());
  return themes.get(dark);
}

/** The colours of the moment, read from the style sheet's custom properties. */
export class Theme {
  constructor(root = document.documentElement) {
    const style = getComputedStyle(root);
    const read = (name) => style.getPropertyValue(name).trim();
    const lightness = Number(read('--frame-lightness'));
    const chroma = Number(read('--frame-chroma'));
    this.fills = plainlyOf([...HUES, GREY].flatMap(
        ([hue, offset, factor]) => SHADES.map(
            (shade) => `oklch(${lightness + offset + shade} ${chroma * factor} ${hue})`)));
    const scale = (hue) => plainlyOf(STRENGTHS.map(
        (strength) => `oklch(${lightness - 0.03 * strength} ${chroma * strength} ${hue})`));
    /** Of frames in a comparison, by verdict, the weakest first. */
    this.verdicts = {more: scale(MORE_HUE), less: scale(LESS_HUE)};
    /** Of cells of a heat map, the least first. */
    this.heat = plainlyOf(heatScale(Number(read('--heat-least')), Number(read('--heat-most')))
                              .map((colour) => `oklch(${colour.join(' ')})`));
    this.root = read('--frame-root');
    this.background = read('--stage');
    this.ink = read('--frame-ink');
    this.inkFaint = read('--frame-ink-faint');
    this.faded = read('--frame-faded');
    this.hatch = read('--hatch');
    this.match = read('--match');
    this.matchInk = read('--match-ink');
    this.focus = read('--focus');
    this.hover = read('--hover');
    this.font = read('--frame-font');
    this.smallFont = this.font.replace(/^12px/, '11px');
    this.line = read('--line');
    this.shareLine = read('--share-line');
  }
}
