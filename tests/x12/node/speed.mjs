// How long node-x12 takes to read a file: `node speed.mjs FILE`. Prints segments and milliseconds.
import { readFileSync } from 'node:fs';
import { X12Parser } from 'node-x12';

const text = readFileSync(process.argv[2], 'utf8');
const from = performance.now();
const interchange = new X12Parser(true).parse(text);
const ms = performance.now() - from;
const segments = interchange.functionalGroups.flatMap((g) => g.transactions).reduce((sum, t) => sum + t.segments.length, 0);
console.log(`${segments} ${Math.round(ms)}`);
