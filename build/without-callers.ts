import { join } from 'node:path';
import type { Plugin } from 'esbuild';
import { repositoryFolder } from './folders.ts';

/**
 * pino asks who called it, of use to transports alone, which a bundle cannot have. For places in a stack V8 compiles their
 * functions anew, the bundle's outermost among them: 11 ms of each start.
 */
export const withoutCallers: Plugin = {
  name: 'without-callers',
  setup: (esbuild) => {
    const caller = join(repositoryFolder, 'node_modules', 'pino', 'lib', 'caller.js');
    esbuild.onLoad({ filter: /[\\/]pino[\\/]lib[\\/]caller\.js$/ }, ({ path }) =>
      path === caller ? { contents: 'module.exports = () => [];', loader: 'js' } : undefined,
    );
  },
};
