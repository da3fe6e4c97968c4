import { readFileSync } from 'node:fs';

import type { Capture } from '../harness/compute/capture.ts';
import { tapeOfCapture } from '../harness/gate/capture/capture-tape.ts';

/* A process of its own that makes one tape, and says how much memory it took at most: CAPTURE.json, the tape's folder. */

const [capture, directory] = process.argv.slice(2);
if (capture === undefined || directory === undefined) throw new Error('give CAPTURE.json and a folder');
await tapeOfCapture(JSON.parse(readFileSync(capture, 'utf8')) as Capture, directory);
process.stdout.write(String(process.resourceUsage().maxRSS * 1024));
