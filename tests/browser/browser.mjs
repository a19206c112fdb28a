// SPDX-License-Identifier: MIT
//
// Chromium for the tests. Fails with the way out when a piece is missing; nothing is ever skipped.
import {existsSync} from 'node:fs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'
];

export async function launchChromium() {
  if (!existsSync(CHROMIUM))
    throw new Error(`${CHROMIUM} is missing: apt-get install chromium, or set CHROMIUM`);
  const {chromium} = await import('playwright-core');
  return chromium.launch({executablePath: CHROMIUM, headless: true, args: FLAGS});
}
