// SPDX-License-Identifier: MIT
//
// Names that somebody's program may have and that want to be more than text: each would set
// window.__owned, or hide, reorder or break what stands around it. Each holds a number of its own.

const RUN = (n) => `window.__owned=${n}`;

const MARKUP = [
  (n) => `<script>${RUN(n)}</script>`,
  (n) => `</script><script>${RUN(n)}</script>`,
  (n) => `</title><script>${RUN(n)}</script>`,
  (n) => `</text></svg><script>${RUN(n)}</script>`,
  (n) => `<img src=x onerror=${RUN(n)}>`,
  (n) => `<img src="x" onerror="${RUN(n)}">`,
  (n) => `"><img src=x onerror=${RUN(n)}>`,
  (n) => `'><img src=x onerror=${RUN(n)}>`,
  (n) => `<svg onload=${RUN(n)}>`,
  (n) => `<svg><script>${RUN(n)}</script></svg>`,
  (n) => `<svg><a xlink:href="javascript:${RUN(n)}">x</a></svg>`,
  (n) => `<svg><animate onbegin=${RUN(n)} attributeName=x dur=1s>`,
  (n) => `<svg><foreignObject><iframe src="javascript:parent.${RUN(n)}"/></foreignObject></svg>`,
  (n) => `<svg><use href="data:image/svg+xml,<svg onload='${RUN(n)}'/>"/></svg>`,
  (n) => `<svg><style>@import "http://evil.example/${n}"</style></svg>`,
  (n) => `<body onload=${RUN(n)}>`,
  (n) => `<iframe srcdoc="<script>parent.${RUN(n)}</script>"></iframe>`,
  (n) => `<iframe src="javascript:parent.${RUN(n)}"></iframe>`,
  (n) => `<object data="javascript:${RUN(n)}"></object>`,
  (n) => `<embed src="javascript:${RUN(n)}">`,
  (n) => `<a href="javascript:${RUN(n)}">link</a>`,
  (n) => `<math><mi xlink:href="javascript:${RUN(n)}">x</mi></math>`,
  (n) => `<details open ontoggle=${RUN(n)}>`,
  (n) => `<input autofocus onfocus=${RUN(n)}>`,
  (n) => `<video><source onerror=${RUN(n)}></video>`,
  (n) => `<marquee onstart=${RUN(n)}>`,
  (n) => `<meta http-equiv=refresh content="0;url=javascript:${RUN(n)}">`,
  (n) => `<link rel=stylesheet href="http://evil.example/${n}.css">`,
  (n) => `<base href="http://evil.example/${n}/">`,
  (n) => `<template><script>${RUN(n)}</script></template>`,
  (n) => `<!--><script>${RUN(n)}</script>-->`,
  (n) => `<![CDATA[<script>${RUN(n)}</script>]]>`,
  (n) => `]]><script>${RUN(n)}</script>`,
  (n) => `<?xml-stylesheet href="javascript:${RUN(n)}"?>`,
  (n) => `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>&e;${n}`,
  (n) => `&lt;script&gt;${RUN(n)}&lt;/script&gt;`,
  (n) => `&#60;script&#62;${RUN(n)}`,
  (n) => `&amp;amp;${n}&nbsp;&copy;&unknown;&`,
  (n) => `<plaintext>${n}`,
  (n) => `<xmp><script>${RUN(n)}</script>`,
];
const CODE = [
  (n) => `';${RUN(n)};'`,
  (n) => `";${RUN(n)};"`,
  (n) => `\`;${RUN(n)};\``,
  (n) => `\${${RUN(n)}}`,
  (n) => `{{${RUN(n)}}}`,
  (n) => `javascript:${RUN(n)}`,
  (n) => `data:text/html,<script>${RUN(n)}</script>`,
  (n) => `\\";${RUN(n)}//`,
  (n) => `\\u003cscript\\u003e${RUN(n)}`,
  (n) => `*/${RUN(n)}/*`,
  (n) => `__proto__${n}`,
  (n) => `constructor.prototype${n}`,
  (n) => `expression(${RUN(n)})`,
  (n) => `=cmd|'/C calc'!A${n}`,
  (n) => `@import url(http://evil.example/${n})`,
  (n) => `%3Cscript%3E${RUN(n)}%3C/script%3E`,
  (n) => `../../../../etc/passwd${n}`,
  (n) => `a;b;c${n}`,
  (n) => `a%3Bb%25${n}`,
  (n) => `${n} 42`,
  (n) => `[*="${n}"]`,
  (n) => `fn=(1) x${n}`,
  (n) => `(1) ${n}`,
  (n) => `calls=9 9 ${n}`,
  (n) => `"]; f0 -> f1 [label="${n}`,
  (n) => `\\N\\G\\l\\r${n}`,
  (n) => `}${n}{`,
  (n) => `%n%n%s%s${n}`,
  (n) => `{"nodes":[],"n":${n}}`,
  (n) => `$(touch /tmp/x${n})`,
];
const BIDI = [0x061c, 0x200e, 0x200f, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069];
const UNSEEN = [0xad, 0x180e, 0x200b, 0x200c, 0x200d, 0x2028, 0x2029, 0x2060, 0x2063, 0xfeff, 0xfff9, 0xfffb, 0xe0001, 0xe0041];
const ANSI = ['[31m', '[2J', '[H', '[?25l', ']0;title\u0007', ']8;;http://evil.example\u001b\\', 'P1$r\u001b\\', '[9999;9999H', 'c', '(0'];
const LONG = 64 << 10;

const around = (c) => (n) => `${c}user${c}gnp.${n}${c}`;
const MAKERS = [
  ...MARKUP,
  ...CODE,
  ...MARKUP.map((make) => (n) => `std::map<${make(n)}, int>::at`),
  ...CODE.slice(0, 14).map((make) => (n) => `<b title='${make(n)}' onclick="${RUN(n)}">`),
  ...[...BIDI, ...UNSEEN].map((c) => around(String.fromCodePoint(c))),
  ...BIDI.map((c) => (n) => `${String.fromCodePoint(c)}<script>${RUN(n)}</script>`),
  ...Array.from({length: 33}, (_, c) => around(String.fromCharCode(c === 32 ? 127 : c))),
  ...ANSI.map((sequence) => (n) => `\u001b${sequence}${n}`),
  (n) => `${n}` + '<b>'.repeat(LONG / 3),
  (n) => `${n}` + 'A'.repeat(LONG),
  (n) => `${n}` + '::x'.repeat(LONG / 3),
  (n) => `${n}` + '\u0301'.repeat(1000),
  (n) => `${n}` + '\u202e'.repeat(1000),
  (n) => `${n}` + '𝕏'.repeat(1000),
  (n) => ` ${n} `,
];

/** [{number, name}], the numbers of one length, so that none is part of another. */
export const HOSTILE = MAKERS.map((make, i) => ({number: 70000 + i, name: make(70000 + i)}));

const UNSEEN_PATTERN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u;
export const holdsUnseen = (text) => UNSEEN_PATTERN.test(text);
