// SPDX-License-Identifier: MIT
//
// What a comparison says of one frame or function, in words, signs and colour steps. `columns`
// holds base, current, low, high, tested and significant by index, as the server sends them.

const WHOLE = 1e9;
const STEPS = [0.001, 0.005, 0.02, 0.05];  // of all CPU time: from here on a stronger colour

export const SIGNS = {
  more: '▲',
  less: '▼'
};

const share = (weight, total) => (total > 0 ? weight / total : 0);

/** 'more', 'less', 'same' (no more than it varies anyway) or 'unknown' (too little to tell). */
export function verdictOf(columns, i, baseTotal, currentTotal) {
  if (!columns.tested[i]) return 'unknown';
  if (!columns.significant[i]) return 'same';
  return share(columns.current[i], currentTotal) > share(columns.base[i], baseTotal) ? 'more' :
                                                                                       'less';
}

/** 0 to 4: how strongly a change is coloured. */
export function strengthOf(columns, i, baseTotal, currentTotal) {
  const difference =
      Math.abs(share(columns.current[i], currentTotal) - share(columns.base[i], baseTotal));
  return STEPS.filter((step) => difference >= step).length;
}

function points(billionths) {
  const value = (100 * billionths) / WHOLE;
  const digits = Math.abs(value) >= 10 ? 1 : 2;
  const text = Math.abs(value).toFixed(digits);
  return `${Number(text) === 0 ? '±' : value > 0 ? '+' : '−'}${text}`;
}

/** {points: "▲ +2.10", text: "+2.10 points; 95 % sure of +1.2 to +3.0"} */
export function changeOf(columns, i, baseTotal, currentTotal) {
  const difference =
      WHOLE * (share(columns.current[i], currentTotal) - share(columns.base[i], baseTotal));
  const verdict = verdictOf(columns, i, baseTotal, currentTotal);
  const range = `${points(columns.low[i])} to ${points(columns.high[i])}`;
  const text = {
    more: `${points(difference)} points, 95 % confidence: ${range}`,
    less: `${points(difference)} points, 95 % confidence: ${range}`,
    same: `${points(difference)} points, no more than it varies anyway (95 % confidence: ${range})`,
    unknown: `${points(difference)} points, too little to tell change from noise`,
  }[verdict];
  return {points: [SIGNS[verdict], points(difference)].filter(Boolean).join(' '), text};
}
