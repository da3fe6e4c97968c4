import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { test } from '@japa/runner';

import { temporaryDirectory } from '../../../harness/host/run-directory.ts';
import { browserCode } from '../../../harness/report/html/browser-code.ts';
import { codeOf } from '../../support/error-code.ts';

test.group('code for a browser', () => {
  test('is one script in which modules keep their own names apart', async ({ assert }) => {
    await using work = await temporaryDirectory('modules for a browser');
    const write = (name: string, code: string): void => {
      writeFileSync(join(work.path, name), code);
    };
    mkdirSync(join(work.path, 'deep'));
    write(
      'deep/base.ts',
      'const own = 1;\nexport const base: number = own;\nexport type Nothing = string;\n',
    );
    write(
      'middle.ts',
      "import { base as ground, type Nothing } from './deep/base.ts';\nconst own: Nothing = 'two';\nexport function both(): string {\n  return `${own} ${String(ground)}`;\n}\n",
    );
    write('effect.ts', 'seen.push(1);\n');
    write(
      'main.ts',
      "import './effect.ts';\nimport { base } from './deep/base.ts';\nimport {\n  both,\n} from './middle.ts';\nseen.push(both(), base);\n",
    );
    const seen: unknown[] = [];
    runInNewContext(browserCode(join(work.path, 'main.ts')), { seen });
    assert.deepEqual(seen, [1, 'two 1', 1]);
    write('bare.ts', "import { join } from 'node:path';\nseen.push(join);\n");
    assert.equal(
      codeOf(() => browserCode(join(work.path, 'bare.ts'))),
      'browser-code',
    );
    write('star.ts', "export * from './deep/base.ts';\n");
    assert.equal(
      codeOf(() => browserCode(join(work.path, 'star.ts'))),
      'browser-code',
    );
    write('ending.ts', "seen.push('</script>');\n");
    assert.equal(
      codeOf(() => browserCode(join(work.path, 'ending.ts'))),
      'browser-code',
    );
  });
});
