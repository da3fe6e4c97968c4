import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { test } from '@japa/runner';

import { temporaryDirectory, type TemporaryDirectory } from '../../harness/host/run-directory.ts';
import { compareDataDirectories } from '../../harness/verdict/data-directory-comparison.ts';
import { DataTree } from '../../harness/verdict/data-tree.ts';
import { describeDataDifferences } from '../../harness/verdict/initdb-findings.ts';
import { runSpecificRules, surroundingsRules, type TreeRule } from '../../harness/verdict/tree-rules.ts';
import { buildControlFile } from '../compute/control-file-builder.ts';
import { heapPage } from '../page/page-builder.ts';

const major = 17;
const rules = [...runSpecificRules, ...surroundingsRules];

/** What two runs differ in, by the path of the file: its bytes in the one and in the other. */
type Differing = Readonly<Record<string, readonly [Buffer | string, Buffer | string]>>;

test.group('compareDataDirectories', (group) => {
  let scratch: TemporaryDirectory;
  group.each.setup(async () => {
    scratch = await temporaryDirectory('two data directories');
    return async () => {
      await scratch[Symbol.asyncDispose]();
    };
  });

  async function compare(
    differing: Differing,
    allowed: readonly TreeRule[] = rules,
  ): Promise<ReturnType<typeof compareDataDirectories>> {
    const trees = await Promise.all(
      [0, 1].map(async (side) => {
        const root = join(scratch.path, String(side));
        for (const [path, contents] of Object.entries(differing)) {
          await mkdir(dirname(join(root, path)), { recursive: true });
          await writeFile(join(root, path), contents[side] ?? '');
        }
        return new DataTree(root);
      }),
    );
    return compareDataDirectories(trees[0]!, trees[1]!, major, allowed);
  }

  async function findings(differing: Differing): Promise<readonly string[]> {
    const { differences } = await compare(differing);
    return describeDataDifferences(differences, 'the other').map(
      ({ code, message }) => `${code}: ${message}`,
    );
  }

  test('what no two clusters agree on is allowed, and shown', async ({ assert }) => {
    const { differences, allowed } = await compare({
      'pg_wal/000000010000000000000001': ['a', 'b'],
      'pg_stat/pgstat.stat': ['a', 'b'],
      'postgresql.conf': ['timezone = UTC\n', "timezone = 'Etc/UTC'\n"],
    });
    assert.isEmpty(differences);
    assert.deepEqual(
      allowed.map(({ raw, rule }) => `${rule.name}: ${raw}`),
      [
        'pg_stat: pg_stat/pgstat.stat is not compared',
        'pg_wal: pg_wal/000000010000000000000001 is not compared',
        'time zone: postgresql.conf: timezone is Etc/UTC instead of UTC',
      ],
    );
  });

  test('a rule covers the values it names, and the file it names, alone', async ({ assert }) => {
    assert.deepEqual(
      await findings({
        'postgresql.conf': ['timezone = UTC\n', 'timezone = Japan\n'],
        'pg_wal/archive_status/x': ['a', 'b'],
        'pg_stat/other.stat': ['a', 'b'],
      }),
      [
        'initdb-settings-differ: postgresql.conf: timezone is Japan instead of UTC, against the other (initdb takes the time zone of the machine)',
        'initdb-files-differ: pg_stat/other.stat has other contents; pg_wal/archive_status/x has other contents, against the other',
      ],
    );
  });

  test('no rule reaches a page of a relation, not even one for every file', async ({ assert }) => {
    const [expected, actual] = [heapPage(), heapPage()];
    actual[8000] = (actual[8000] ?? 0) ^ 1;
    const all = { name: 'all', pattern: /.*/, reason: 'none' };
    const { differences, allowed } = await compare({ 'base/5/1259': [expected, actual] }, [
      { kind: 'file', ...all },
      { kind: 'setting', ...all },
      { kind: 'control-field', ...all },
    ]);
    assert.isEmpty(allowed);
    assert.deepEqual(
      differences.map(({ kind }) => kind),
      ['relation'],
    );
  });

  test('pages: the first that differs in more than its LSN is told, the others are counted', async ({
    assert,
  }) => {
    const [one, two] = [heapPage(), heapPage({ lsn: 0x28n })];
    const three = Buffer.from(one);
    three[8100] = (three[8100] ?? 0) ^ 1;
    const [words] = await findings({
      'base/5/1259': [Buffer.concat([one, one, one]), Buffer.concat([two, three, one])],
      'base/5/1259_vm': [Buffer.alloc(8192), Buffer.alloc(16_384)],
    });
    assert.match(
      words ?? '',
      /^initdb-pages-differ: 2 pages of 2 relation files differ from the other; of them 1 in the page LSN alone; database 5 an unnamed relation \(base\/5\/1259\) block 1 \(of 2 that differ\): \S+, byte 8100, /,
    );
  });

  test('a damaged catalog, and a control file cut short, are differences, not failures', async ({
    assert,
  }) => {
    const noise = Buffer.alloc(8192, 0xa5);
    const words = await findings({
      'base/1/3456': [heapPage(), noise],
      'global/1262': [heapPage(), noise],
      'global/pg_control': [buildControlFile(), buildControlFile().subarray(0, 20)],
      'base/1/2617': [heapPage(), 'half a page'],
    });
    assert.isTrue(
      words.some((each) => /global\/pg_control has 20 bytes instead of/.test(each)),
      words.join('\n'),
    );
    assert.isTrue(words.some((each) => each.startsWith('initdb-pages-differ')));
  });
});
