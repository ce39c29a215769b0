import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkTypes } from '../../build/type-check.ts';

/** `make test` builds the fixtures without this check, to save time. */
it("the fixtures' types fit, as those of every entry must", () => {
  checkTypes(fileURLToPath(new URL('../fixtures/experiments/all.ts', import.meta.url)));
});
