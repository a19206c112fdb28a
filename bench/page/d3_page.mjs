// SPDX-License-Identifier: MIT
//
// d3-flame-graph's page. As people tune it who have large trees: see its README.
import flamegraph from 'd3-flame-graph';
import {select} from 'd3-selection';

const WIDTH = 1600;

const data = await (await fetch('tree.json')).json();
const chart = flamegraph().width(WIDTH).transitionDuration(0).minFrameSize(0.5).inverted(true);
select('#chart').datum(data).call(chart);
window.benchDrawn = true;

const frames = () => [...document.querySelectorAll('#chart g.frame')];
let clicked;

window.benchWidestBelow = (share) => {
  const boxes = frames().map((frame) => [frame, frame.getBoundingClientRect()]);
  const [frame, box] = boxes.filter(([, {width}]) => width <= share * WIDTH)
                           .reduce((best, each) => (each[1].width > best[1].width ? each : best));
  clicked = frame.__data__.data;  // where d3 keeps what a frame was drawn from
  return {x: box.left + box.width / 2, y: box.top + box.height / 2};
};
window.benchZoomed = () => frames().some(
    (frame) =>
        frame.__data__.data === clicked && frame.getBoundingClientRect().width > 0.9 * WIDTH);
window.benchSearch = (pattern) => {
  const began = performance.now();
  chart.search(pattern);
  return performance.now() - began;
};
