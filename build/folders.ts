import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const repositoryFolder: string = dirname(dirname(fileURLToPath(import.meta.url)));
export const distFolder: string = join(repositoryFolder, 'dist');
export const modulesFolder: string = join(repositoryFolder, 'node_modules');
