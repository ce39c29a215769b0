// Runs pkg for one target, in a process whose HOME is prepared (pkg takes its paths from there at import).
import { exec } from '@yao-pkg/pkg';

const [target] = process.argv.slice(2);
await exec({ input: 'package.json', sea: true, signature: false, targets: [target], output: 'app' });
