// Proves of the built page what the content policy and the product promise: nothing inline, nothing remote, no test double.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const dist = new URL('../dist/', import.meta.url).pathname;
const files = readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));
const faults = [];
for (const file of files) {
  if (!/\.(html|css|js)$/.test(file)) continue;
  const text = readFileSync(file, 'utf8');
  if (file.endsWith('.html')) {
    if (/<script(?![^>]*\bsrc=)/.test(text)) faults.push(`${file}: inline script`);
    if (/<style|\sstyle=/.test(text)) faults.push(`${file}: inline style`);
  }
  if (file.endsWith('.css') && /url\(["']?(https?:)?\/\//.test(text)) faults.push(`${file}: remote address`);
  if (file.endsWith('.js') && /\bnew Function\(|[^.\w]eval\(/.test(text)) faults.push(`${file}: eval`);
  if (file.endsWith('.js') && text.includes('IAMBILLY_TEST_DOUBLE')) faults.push(`${file}: contains the test double`);
}
if (faults.length > 0) {
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.exit(1);
}
